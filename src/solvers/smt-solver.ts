import type { Budget } from '../base/budget.ts';
import { unreachable } from '../base/unreachable.ts';
import type { SymbolRanges } from '../terms/range.ts';
import { type FormChoice, type Frame, SmtEncoder } from '../terms/smtlib.ts';
import type { Term } from '../terms/term.ts';
import { confirmedModel } from './model-check.ts';
import type { SmtPort } from './smt-port.ts';
import { type Solver, type SolverAnswer, type SolverOptions, unknown } from './solver.ts';

/**
 * A solver that speaks SMT-LIB text. It keeps the assertions as terms and sends only what is new; whenever the other side
 * lost its memory or failed, everything is sent again. Output that is not exactly what was asked for counts as failure: z3
 * goes on after an error, so that an answer behind `(error` is worth nothing.
 */
export interface SmtOptions extends SolverOptions {
  readonly form?: FormChoice;
  /** Work per question in the solver's own units, so that answers do not depend on the speed of the machine. */
  readonly resourceLimit?: number;
}

type Unknown = Extract<SolverAnswer, { kind: 'unknown' }>;

export class SmtSolver implements Solver {
  readonly name: string;
  readonly #port: SmtPort;
  readonly #encoder: SmtEncoder;
  readonly #ranges: SymbolRanges;
  readonly #resourceLimit: number;
  readonly #frames: { formulas: Term[] }[] = [{ formulas: [] }];
  #stale = true;
  #busy = false;

  constructor(port: SmtPort, options: SmtOptions = {}) {
    this.name = port.name;
    this.#port = port;
    this.#ranges = options.ranges ?? new Map();
    const form = port.theories === 'bitvectors' ? 'bitvector' : (options.form ?? 'auto');
    this.#encoder = new SmtEncoder({ ranges: this.#ranges, form });
    this.#resourceLimit = options.resourceLimit ?? 0;
  }

  assert(formula: Term): void {
    if (formula.sort.kind !== 'bool') throw new Error('only formulas can be asserted');
    this.#frames[this.#frames.length - 1]!.formulas.push(formula);
  }

  push(): void {
    this.#frames.push({ formulas: [] });
  }

  pop(): void {
    if (this.#frames.length === 1) throw new Error('pop without push');
    this.#frames.pop();
  }

  async solve(assuming: readonly Term[], budget: Budget): Promise<SolverAnswer> {
    if (this.#busy) throw new Error('a question is still open');
    this.#busy = true;
    try {
      return await this.#solve(assuming, budget);
    } finally {
      this.#busy = false;
    }
  }

  async #solve(assuming: readonly Term[], budget: Budget): Promise<SolverAnswer> {
    const frames: Frame[] = assuming.length > 0 ? [...this.#frames, { formulas: assuming }] : this.#frames;
    for (let attempt = 0; attempt < 3; attempt++) {
      if (!budget.spend() || budget.expired) return unknown('budget', 'the budget is used up');
      const answer = await this.#ask(frames, budget);
      if (answer !== 'lost') return answer;
    }
    return unknown('failed', `${this.name} was replaced again and again`);
  }

  async #ask(frames: readonly Frame[], budget: Budget): Promise<SolverAnswer | 'lost'> {
    if (this.#stale) this.#encoder.reset();
    const step = this.#encoder.step(frames);
    if (!step.ok) {
      this.#stale = true;
      return unknown('unsupported', step.error);
    }
    const limit = this.#resourceLimit > 0 ? this.#port.limitCommand(this.#resourceLimit) : '';
    const output = await this.#send(`${step.value.text}${limit}(check-sat)\n`, step.value.fresh, budget);
    switch (output) {
      case 'unsat':
        return { kind: 'refuted' };
      case 'sat':
        return this.#model(frames, budget);
      case 'unknown':
        return this.#incomplete(budget);
      default:
        if (typeof output !== 'string' || output === 'lost') return output;
        this.#stale = true;
        return unknown('failed', `${this.name} answered ${quote(output)}`);
    }
  }

  /** What the commands printed, trimmed. Anything else, an error report included, makes what was sent stale. */
  async #send(text: string, fresh: boolean, budget: Budget): Promise<string | 'lost' | Unknown> {
    this.#stale = true;
    const reply = await this.#port.send({ text, fresh, timeoutMs: budget.remainingMs, wanted: () => budget.open });
    switch (reply.kind) {
      case 'lost':
        return 'lost';
      case 'failed':
        if (reply.why === 'time') return unknown('budget', `${this.name} ran out of time`);
        return unknown('failed', `${this.name}: ${reply.text}`);
      case 'output':
        if (reply.text.includes('(error')) return unknown('failed', `${this.name} reported ${quote(reply.text)}`);
        this.#stale = false;
        return reply.text.trim();
      default:
        return unreachable(reply);
    }
  }

  async #incomplete(budget: Budget): Promise<SolverAnswer | 'lost'> {
    const output = await this.#send('(get-info :reason-unknown)\n', false, budget);
    if (output === 'lost') return output;
    const reason = typeof output === 'string' ? output.replace(/^\(:reason-unknown\s+"?|"?\)$/g, '') : '';
    const spent = /cancel|resource|timeout|max\. |memory/.test(reason);
    return unknown(spent ? 'budget' : 'incomplete', `${this.name} gave up${reason ? `: ${reason}` : ''}`);
  }

  async #model(frames: readonly Frame[], budget: Budget): Promise<SolverAnswer | 'lost'> {
    const command = this.#encoder.modelCommand();
    const output = command ? await this.#send(command, false, budget) : '()';
    if (output === 'lost' || typeof output !== 'string') return output;
    const candidate = this.#encoder.readModel(output);
    if (!candidate.ok) return unknown('rejected', `the model of ${this.name} cannot be read: ${candidate.error}`);
    const formulas = frames.flatMap((f) => f.formulas);
    const model = confirmedModel(candidate.value, formulas, this.#ranges);
    if (typeof model === 'string') return unknown('rejected', `the model of ${this.name} is not one: ${model}`);
    return { kind: 'model', model };
  }

  async close(): Promise<void> {
    await this.#port.close();
  }
}

function quote(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return `"${line.length > 120 ? `${line.slice(0, 120)}…` : line}"`;
}
