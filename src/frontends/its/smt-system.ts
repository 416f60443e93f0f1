import { LineMap, type Source, type Span } from '../../base/span.ts';
import type { Formula } from '../../terms/polynomial-formula.ts';
import { readSExpressions, type SExpression, type SList } from '../../terms/s-expression.ts';
import { Rejector } from './reject.ts';
import { type Meaning, SmtFormulaReader } from './smt-formula.ts';
import type { SystemVariable, Transition, TransitionSystem } from './system.ts';

/**
 * Reads the SMT-LIB form of integer transition systems that the termination competition uses: locations are constants of
 * sort `Loc`; `init_…` names the first location with `cfg_init`; `next_…` is a disjunction of `cfg_trans2`, each with a
 * formula over the variables before and after. `cfg_trans3` (procedure calls) is not modelled.
 */
export function readSmtSystem(source: Source): TransitionSystem {
  return new SmtSystemReader(source).read();
}

const ignored = new Set(['set-logic', 'set-info', 'set-option', 'check-sat', 'exit', 'declare-sort', 'get-model']);
const prelude = new Set(['cfg_init', 'cfg_trans2', 'cfg_trans3']);

class SmtSystemReader {
  readonly #source: Source;
  readonly #lines: LineMap;
  readonly #reject: Rejector;
  readonly #locations = new Map<string, Span | undefined>();

  constructor(source: Source) {
    this.#source = source;
    this.#lines = new LineMap(source);
    this.#reject = new Rejector(this.#lines);
  }

  read(): TransitionSystem {
    const read = readSExpressions(this.#source.text);
    if (!read.ok) {
      const { offset, message } = read.error;
      throw this.#reject.malformed({ start: offset, end: offset + 1 }, message, 'balanced parentheses and quotes');
    }
    let init: SList | undefined;
    let next: SList | undefined;
    for (const command of read.value) {
      if (command.kind !== 'list') throw this.#reject.malformed(command, 'this is not a command', '(command …)');
      const head = textOf(command.items[0]);
      if (head === 'declare-const' || head === 'declare-fun') this.#location(command);
      else if (head === 'assert') this.#assertion(command);
      else if (head === 'define-fun') {
        const name = textOf(command.items[1]) ?? '';
        if (prelude.has(name)) continue;
        if (name.startsWith('init')) init = this.#once(init, command, 'init');
        else if (name.startsWith('next')) next = this.#once(next, command, 'next');
        else throw this.#reject.unsupported(command, `a definition of \`${name}\``, 'init_main and next_main');
      } else if (head === undefined || !ignored.has(head)) {
        throw this.#reject.unsupported(command, `the command \`${head ?? ''}\``, 'declare-const, define-fun or assert');
      }
    }
    const end = { start: this.#source.text.length, end: this.#source.text.length };
    if (!init) throw this.#reject.malformed(end, 'the system has no initial location', '(define-fun init_main …)');
    if (!next) throw this.#reject.malformed(end, 'the system has no transitions', '(define-fun next_main …)');
    const { variables, transitions } = this.#next(next);
    return { variables, locations: this.#locations, initial: this.#init(init, variables.length), transitions };
  }

  #once(old: SList | undefined, command: SList, what: string): SList {
    if (old) throw this.#reject.unsupported(command, `a second procedure (\`${what}_…\` is given twice)`);
    return command;
  }

  #location(command: SList): void {
    const name = textOf(command.items[1]);
    const sort = textOf(command.items[command.items.length - 1]);
    if (name === undefined)
      throw this.#reject.malformed(command, 'a declaration without a name', '(declare-const l0 Loc)');
    if (sort !== 'Loc') throw this.#reject.unsupported(command, `a constant of sort ${sort ?? '?'}`, 'sort Loc');
    if (this.#locations.has(name)) throw this.#reject.malformed(command, `the location \`${name}\` is declared twice`);
    this.#locations.set(name, this.#lines.span(command.start, command.end));
  }

  /** Only `distinct` of locations may be asserted: it says what we take for granted. */
  #assertion(command: SList): void {
    const body = command.items[1];
    const parts = body?.kind === 'list' && textOf(body.items[0]) === 'distinct' ? body.items.slice(1) : undefined;
    if (!parts?.every((p) => this.#locations.has(textOf(p) ?? ''))) {
      throw this.#reject.unsupported(
        command,
        'an assertion about something else than locations',
        '(assert (distinct …))',
      );
    }
  }

  /** The parameters of a definition as names with their sorts, and its body. */
  #definition(command: SList): { parameters: { name: string; sort: string; at: SExpression }[]; body: SExpression } {
    const [, , list, sort, body] = command.items;
    if (command.items.length !== 5 || list?.kind !== 'list' || textOf(sort) !== 'Bool') {
      throw this.#reject.malformed(
        command,
        'this definition is not complete',
        '(define-fun name (parameters) Bool formula)',
      );
    }
    const parameters = list.items.map((p) => {
      const [name, of] = p.kind === 'list' ? p.items.map(textOf) : [];
      if (p.kind !== 'list' || p.items.length !== 2 || name === undefined || of === undefined) {
        throw this.#reject.malformed(p, 'this is not a parameter', '(name sort)');
      }
      return { name, sort: of, at: p };
    });
    return { parameters, body: body! };
  }

  #init(command: SList, variableCount: number): TransitionSystem['initial'] {
    const { parameters, body } = this.#definition(command);
    if (parameters.length !== variableCount + 1) {
      throw this.#reject.malformed(
        command,
        `${parameters.length - 1} variables here`,
        `${variableCount}, as in next_main`,
      );
    }
    const pc = this.#controlVariable(parameters[0], command);
    const scope = new Map<string, Meaning>();
    for (const [number, p] of parameters.slice(1).entries()) scope.set(p.name, { kind: 'unknown', number });
    return this.#disjuncts(body).map((e) => {
      const [, at, where, formula] = this.#application(e, 'cfg_init', 3);
      this.#expect(at!, pc);
      const noTemporaries = (): number => {
        throw this.#reject.unsupported(e, 'a quantifier in an initial condition', 'a quantifier-free formula');
      };
      const condition = new SmtFormulaReader(this.#reject, scope, noTemporaries).read(formula!);
      return { at: this.#knownLocation(where!), condition, origin: this.#lines.span(e.start, e.end) };
    });
  }

  #next(command: SList): { variables: SystemVariable[]; transitions: Transition[] } {
    const { parameters, body } = this.#definition(command);
    if (parameters.length < 2 || parameters.length % 2 !== 0) {
      throw this.#reject.malformed(command, 'an odd number of parameters', 'as many parameters after as before');
    }
    const n = parameters.length / 2 - 1;
    const pc = this.#controlVariable(parameters[0], command);
    const pcAfter = this.#controlVariable(parameters[n + 1], command);
    const variables: SystemVariable[] = [];
    const scope = new Map<string, Meaning>();
    for (const [i, p] of parameters.entries()) {
      if (i === 0 || i === n + 1) continue;
      if (p.sort !== 'Int') throw this.#reject.unsupported(p.at, `a variable of sort ${p.sort}`, 'Int');
      if (scope.has(p.name)) throw this.#reject.malformed(p.at, `the variable \`${p.name}\` is declared twice`);
      scope.set(p.name, { kind: 'unknown', number: i <= n ? i - 1 : i - 2 });
      if (i <= n) variables.push({ name: p.name.replace(/\^0$/, ''), origin: this.#lines.span(p.at.start, p.at.end) });
    }
    const transitions = this.#disjuncts(body).map((e): Transition => {
      if (e.kind === 'list' && textOf(e.items[0]) === 'cfg_trans3') {
        throw this.#reject.unsupported(e, 'a procedure call (`cfg_trans3`)', 'cfg_trans2');
      }
      const [, at, from, atAfter, to, body] = this.#application(e, 'cfg_trans2', 5);
      this.#expect(at!, pc);
      this.#expect(atAfter!, pcAfter);
      let next = 2 * n;
      const formula: Formula = new SmtFormulaReader(this.#reject, scope, () => next++).read(body!);
      const origin = this.#lines.span(e.start, e.end);
      return { from: this.#knownLocation(from!), to: this.#knownLocation(to!), formula, origin };
    });
    return { variables, transitions };
  }

  #controlVariable(p: { name: string; sort: string; at: SExpression } | undefined, command: SList): string {
    if (p?.sort === 'Loc') return p.name;
    throw this.#reject.malformed(p?.at ?? command, 'the first parameter is not the control location', '(pc Loc)');
  }

  #disjuncts(body: SExpression): SExpression[] {
    if (body.kind === 'list' && textOf(body.items[0]) === 'or') return body.items.slice(1);
    if (body.kind === 'atom' && body.text === 'false') return [];
    return [body];
  }

  #application(e: SExpression, name: string, count: number): readonly SExpression[] {
    if (e.kind !== 'list' || textOf(e.items[0]) !== name || e.items.length !== count + 1) {
      throw this.#reject.malformed(e, 'this is not a step of the system', `(${name} … ) with ${count} arguments`);
    }
    return e.items;
  }

  #expect(e: SExpression, name: string): void {
    if (textOf(e) !== name) throw this.#reject.malformed(e, 'another control variable is expected here', `\`${name}\``);
  }

  #knownLocation(e: SExpression): string {
    const name = textOf(e);
    if (name !== undefined && this.#locations.has(name)) return name;
    throw this.#reject.malformed(e, 'this is not a declared location', 'a constant of sort Loc');
  }
}

const textOf = (e: SExpression | undefined): string | undefined =>
  e?.kind === 'atom' && e.form !== 'string' ? e.text : undefined;
