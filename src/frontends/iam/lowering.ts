/**
 * From policies to a request space; the questions are those of [BackesEtAl-FMCAD'18], without a string solver. Every element of a statement becomes a formula whose literals name
 * sets of values: of the principal, the action, the resource or a condition key. What the sources leave open (short ARN
 * patterns, multi-valued keys without a set operator, template symbols, …) becomes an `unknown` with its reason, never a
 * guess. A policy variable that is not bound to a value becomes an unknown too, under the widest pattern it could be; the
 * caller binds it to concrete values to find witnesses (row 53-56).
 * Longer than 300 lines: it is the one place that says what a statement means.
 */
import { unreachable } from '../../base/unreachable.ts';
import type { Atom, Dimension, Formula, Language, Sequence } from '../../program/space.ts';
import type { Choice, Condition, PolicyDocument, PrincipalElement, Statement, Text } from './document.ts';
import { all, any, both, either, no, not, unknown, yes } from './formulas.ts';
import { accountDomain, arnSequence, factsOf, type KeyFacts, principalKeys, withAccount } from './keys.ts';
import {
  anyChar,
  arnPattern,
  type Binding,
  belongs,
  languageOf,
  literals,
  type Marks,
  many,
  one,
  type Pattern,
  type Piece,
  patternOf,
  pieces,
  text,
  union,
  without,
} from './languages.ts';
import * as who from './principals.ts';
import { readAddressRange, readInstant, readNumber } from './values.ts';

export interface LoweringOptions {
  /** aws:PrincipalArn and friends describe the principal. Default on. */
  readonly linkPrincipal?: boolean;
  /** May a wildcard in the first five fields of an ARN cross a colon (row 8)? Default off. */
  readonly colonCrossing?: boolean;
  /** The axioms about keys. Default on. */
  readonly axioms?: boolean;
  /** Keys that hold several values, lower case, from the service data. */
  readonly multiValued?: ReadonlySet<string>;
  /** Keys that hold one value; keys in neither set hold several if they are used with set operators only. */
  readonly singleValued?: ReadonlySet<string>;
  /** Values for policy variables. */
  readonly binding?: Binding;
}

export interface Axiom {
  readonly name: string;
  readonly text: string;
  readonly formula: Formula;
}

/** An unknown that stands for a pattern with open variables; `marked` allows comparing two of them. */
export interface OpenPattern {
  readonly name: string;
  readonly dimension: number;
  readonly marked: Sequence;
  readonly variables: readonly string[];
}

type Values = { readonly closed: readonly Pattern[]; readonly open: readonly (Pattern & { name: string })[] };
type Kind = 'text' | 'number' | 'address';

interface Access {
  /** The value is there and in one of the closed patterns. */
  readonly match: (patterns: readonly Pattern[]) => Formula;
  readonly present: () => Formula;
}

interface Slot {
  readonly index: number;
  readonly dimension: { -readonly [K in keyof Dimension]: Dimension[K] } & { atoms: Atom[]; preferred: string[] };
  readonly atomOf: Map<string, number>;
}

const kindOfFamily = {
  string: 'text',
  binary: 'text',
  bool: 'text',
  arn: 'text',
  number: 'number',
  date: 'number',
  address: 'address',
  null: undefined,
} as const;

const isWild = (value: Text): boolean => /^\*+$/.test(value.text) && !value.parts;

export class Lowering {
  readonly #options: LoweringOptions;
  readonly #slots = new Map<string, Slot>();
  readonly #kinds = new Map<string, Kind>();
  readonly #setOnly = new Map<string, boolean>();
  readonly #mentioned = new Set<string>();
  readonly #open = new Map<string, OpenPattern>();
  readonly #marks: Marks = new Map();
  readonly #variables = new Set<string>();
  readonly #named = new Set<string>();

  /** `documents`: all that the question is about; they settle what type of value an unlisted key has. */
  constructor(documents: readonly PolicyDocument[], options: LoweringOptions = {}) {
    this.#options = options;
    for (const document of documents) {
      for (const statement of document.statements) {
        for (const { kind, value } of statement.principal?.entries ?? []) {
          if (kind === 'CanonicalUser' || value.text.includes('::cloudfront:')) this.#named.add(value.text);
        }
        for (const { key, use } of statement.conditions) {
          const lower = key.toLowerCase();
          this.#mentioned.add(lower);
          const kind = kindOfFamily[use.operator.family];
          if (kind && !this.#kinds.has(lower)) this.#kinds.set(lower, kind);
          if (use.operator.family !== 'null') {
            this.#setOnly.set(lower, (this.#setOnly.get(lower) ?? true) && use.quantifier !== undefined);
          }
        }
      }
    }
  }

  get #links(): boolean {
    return this.#options.linkPrincipal !== false;
  }

  get dimensions(): readonly Dimension[] {
    return [...this.#slots.values()].map((s) => s.dimension);
  }

  /** Index of a dimension by name (`principal`, `action`, `resource`, `session`, `organization`, or a key), or -1. */
  indexOf(name: string): number {
    return this.#slots.get(name)?.index ?? -1;
  }

  get openPatterns(): readonly OpenPattern[] {
    return [...this.#open.values()];
  }

  /** Keys that unbound variables name. */
  get variables(): ReadonlySet<string> {
    return this.#variables;
  }

  // ---- dimensions and literals

  #slot(name: string, make: () => Omit<Dimension, 'atoms' | 'name'>): Slot {
    let slot = this.#slots.get(name);
    if (!slot) {
      const made = make();
      slot = {
        index: this.#slots.size,
        dimension: { ...made, name, atoms: [], preferred: [...(made.preferred ?? [])] },
        atomOf: new Map(),
      };
      this.#slots.set(name, slot);
    }
    return slot;
  }

  #atom(slot: Slot, key: string, make: () => Atom): number {
    let index = slot.atomOf.get(key);
    if (index === undefined) {
      index = slot.dimension.atoms.length;
      slot.dimension.atoms.push(make());
      slot.atomOf.set(key, index);
    }
    return index;
  }

  #language(slot: Slot, language: Language): number {
    const key =
      language.kind === 'text'
        ? `=${language.text}`
        : language.alternatives
            .map((s) => s.map((i) => `${i.set.negated ? '^' : ''}${i.set.chars}${i.star ? '*' : '.'}`).join('\u0001'))
            .join('\u0002');
    return this.#atom(slot, key, () => ({ kind: 'language', language }));
  }

  #in(slot: Slot, languages: readonly Language[]): Formula {
    if (languages.length === 0) return no;
    return {
      kind: 'in',
      dimension: slot.index,
      atoms: languages.map((l) => this.#language(slot, l)),
      negated: false,
      absent: false,
    };
  }

  #presence(slot: Slot): Formula {
    if (!slot.dimension.optional) return yes;
    return { kind: 'in', dimension: slot.index, atoms: [], negated: true, absent: false };
  }

  #principal(): Slot {
    return this.#slot('principal', () => ({
      kind: 'string',
      optional: false,
      domain: who.principalDomain,
      preferred: who.strangers,
    }));
  }

  /** The principal is one of these. */
  caller(...languages: Language[]): Formula {
    return this.#in(this.#principal(), languages);
  }

  /** Canonical ids and CloudFront identities that the documents list. */
  namedCallers(): Formula {
    return this.#named.size === 0 ? no : this.caller(...[...this.#named].map((id) => text(`named/${id}`)));
  }

  #organization(): Slot {
    return this.#slot('organization', () => ({
      kind: 'string',
      optional: true,
      domain: factsOf('aws:principalorgpaths', new Set()).domain!,
      preferred: ['o-stranger00/r-ab12/ou-ab12-strange1/'],
    }));
  }

  #resource(): Slot {
    return this.#slot('resource', () => ({
      kind: 'string',
      optional: false,
      domain: [union(arnSequence), text('*')],
      preferred: ['arn:aws:s3:::example-bucket/object'],
    }));
  }

  #action(): Slot {
    const service = { negated: false, chars: '-0123456789abcdefghijklmnopqrstuvwxyz' };
    const name = { negated: false, chars: '-.0123456789_abcdefghijklmnopqrstuvwxyz' };
    return this.#slot('action', () => ({
      kind: 'string',
      optional: false,
      domain: [union([one(service), many(service), ...literals(':'), one(name), many(name)])],
    }));
  }

  #facts(key: string): KeyFacts {
    const facts = factsOf(key, this.#options.multiValued ?? new Set());
    if (this.#options.axioms !== false) return facts;
    const { always: _always, domain: _domain, ...rest } = facts;
    return rest;
  }

  /** Does the key hold a set of values? Unlisted keys do if they are used with set operators only. */
  #isSet(key: string): boolean {
    if (principalKeys.has(key) && this.#links) return false;
    const facts = this.#facts(key);
    if (facts.multi !== undefined) return facts.multi;
    if (facts.type || facts.domain || key.startsWith('aws:')) return false;
    const single = this.#options.singleValued;
    if (single?.has(key) || single?.has(key.replace(/\/.*$/, '/*'))) return false;
    return this.#setOnly.get(key) ?? false;
  }

  #kind(key: string): Kind {
    const type = this.#facts(key).type;
    if (type === 'number' || type === 'date') return 'number';
    if (type === 'address') return 'address';
    if (type === 'bool' || type === 'text') return 'text';
    return this.#kinds.get(key) ?? 'text';
  }

  #key(key: string): Slot {
    const facts = this.#facts(key);
    const name = key === 'aws:epochtime' ? 'aws:currenttime' : key;
    return this.#slot(name, () => {
      const kind = this.#kind(key);
      if (kind !== 'text') {
        return {
          kind,
          optional: facts.always !== true,
          garbage: facts.type === undefined,
          preferred: facts.preferred ?? (kind === 'address' ? ['4:3405803786'] : []),
        };
      }
      const set = this.#isSet(key);
      const filled = union([one(anyChar), many(anyChar)]);
      const domain = facts.domain ?? (set ? [filled] : undefined);
      return {
        kind: set ? 'strings' : 'string',
        optional: facts.always !== true,
        preferred: [...(facts.preferred ?? []), 'value', 'other'],
        ...(domain ? { domain } : {}),
      };
    });
  }

  // ---- reading texts

  #values(condition: Condition, document: PolicyDocument): Values {
    const { operator } = condition.use;
    const variables = document.version === '2012-10-17' && (operator.family === 'string' || operator.family === 'arn');
    const closed: Pattern[] = [];
    const open: (Pattern & { name: string })[] = [];
    for (const value of condition.values) {
      const list = pieces(value, variables, operator.wildcards);
      const key = condition.key.toLowerCase();
      if (operator.family === 'arn') {
        const pattern = arnPattern(list, this.#arnOptions());
        if (pattern === 'all' || pattern === 'short') {
          open.push({
            ...this.#loose(list),
            name: `the ARN pattern "${value.text}" has fewer than six fields (${key})`,
          });
        } else this.#sort(pattern, `${key} ${operator.family} ${value.text}`, closed, open);
        continue;
      }
      if (!variables && document.version === '2012-10-17' && value.text.includes('${') && operator.family === 'bool') {
        const whatever = [many(anyChar)];
        const name = `a policy variable under ${condition.use.text} (row 58): ${key} ${value.text}`;
        open.push({ sequence: whatever, open: [], marked: whatever, missing: false, name });
        continue;
      }
      const pattern = patternOf(list, {
        wild: anyChar,
        ignoreCase: operator.ignoreCase,
        binding: this.#options.binding,
        marks: this.#marks,
      });
      const how = operator.ignoreCase ? 'ignoring case' : operator.wildcards ? 'like' : 'equals';
      this.#sort(pattern, `${key} ${how} ${value.text}`, closed, open);
    }
    return { closed, open };
  }

  #arnOptions() {
    return {
      binding: this.#options.binding,
      marks: this.#marks,
      colonCrossing: this.#options.colonCrossing === true,
    };
  }

  #loose(list: readonly Piece[]): Pattern {
    return patternOf(list, { wild: anyChar, ignoreCase: false, binding: this.#options.binding, marks: this.#marks });
  }

  #sort(pattern: Pattern, name: string, closed: Pattern[], open: (Pattern & { name: string })[]): void {
    if (pattern.missing) return; // row 53: matches nothing
    if (pattern.open.length === 0) {
      closed.push(pattern);
      return;
    }
    const symbols = pattern.open.some((p) => p.kind === 'symbol');
    const what = symbols ? 'an unresolved template value' : 'a policy variable';
    open.push({ ...pattern, name: `${what}: ${name}` });
  }

  /** The unknown of an open pattern and what has to hold besides: its variables have values. */
  #opened(pattern: Pattern & { name: string }, dimension: number): Formula {
    const needed: Formula[] = [unknown(pattern.name)];
    const variables: string[] = [];
    for (const piece of pattern.open) {
      if (piece.kind !== 'variable') continue;
      variables.push(piece.key);
      this.#variables.add(piece.key);
      if (piece.fallback === undefined) needed.push(this.present(piece.key));
    }
    if (dimension >= 0 && pattern.open.length > 0 && !pattern.name.startsWith('the ARN pattern')) {
      this.#open.set(pattern.name, { name: pattern.name, dimension, marked: pattern.marked, variables });
    }
    return all(needed);
  }

  // ---- keys

  present(key: string): Formula {
    if (this.#isSet(key)) {
      return { kind: 'some', dimension: this.#key(key).index, atoms: [], negated: true };
    }
    return this.#access(key).present();
  }

  /** The key's value is exactly this text (null: missing). False if the key cannot hold a text. */
  bound(key: string, value: string | null): Formula {
    this.#variables.add(key);
    if (value === null) return not(this.present(key));
    if (this.#isSet(key) || this.#kind(key) !== 'text') return no;
    return this.#access(key).match([this.#constant(value)]);
  }

  #constant(value: string): Pattern {
    const sequence = literals(value);
    return { sequence, only: value, open: [], marked: sequence, missing: false };
  }

  #access(key: string): Access {
    if (this.#links) {
      const linked = this.#principalAccess(key);
      if (linked) return linked;
    }
    const slot = this.#key(key);
    const plain: Access = {
      match: (patterns) => this.#in(slot, patterns.map(languageOf)),
      present: () => this.#presence(slot),
    };
    if (this.#options.axioms === false) return plain;
    if (key === 'aws:sourceaccount' && this.#mentioned.has('aws:sourcearn')) {
      return this.#accountLink(plain, this.#key('aws:sourcearn'));
    }
    if (key === 'aws:resourceaccount' || key === 's3:resourceaccount')
      return this.#accountLink(plain, this.#resource());
    return plain;
  }

  /** A key that holds an account number which an ARN beside it names too, if it names one. */
  #accountLink(plain: Access, arn: Slot): Access {
    const account = (patterns: readonly Pattern[]): Language[] =>
      patterns.flatMap((p) => {
        const items = without(p.sequence, ':');
        return items ? [union(withAccount([...items]))] : [];
      });
    const twelve = accountDomain[0]! as Language & { kind: 'union' };
    const hasAccount = this.#in(arn, [union(withAccount([...twelve.alternatives[0]!]))]);
    return {
      present: plain.present,
      match: (patterns) =>
        both(
          plain.present(),
          either(both(hasAccount, this.#in(arn, account(patterns))), both(not(hasAccount), plain.match(patterns))),
        ),
    };
  }

  #principalAccess(key: string): Access | undefined {
    const cases = (table: readonly [Language, string | undefined][], match: readonly Pattern[]): Formula =>
      any(
        table.map(([language, value]) => {
          const here = this.caller(language);
          if (value === undefined)
            return both(here, unknown(`${key} of an AWS service or canonical id is not documented`));
          return match.some((p) => belongs(p.sequence, value)) ? here : no;
        }),
      );
    switch (key) {
      case 'aws:principalarn': {
        const present = () => this.caller(who.identities);
        return { present, match: (p) => both(present(), this.caller(...p.map(languageOf))) };
      }
      case 'aws:principalaccount':
      case 'kms:calleraccount': {
        const unlisted: [Language, string | undefined][] = [
          [who.anonymous, 'anonymous'],
          [who.federated, 'anonymous'],
          [who.services, undefined],
          [who.named, undefined],
        ];
        const match = (patterns: readonly Pattern[]): Formula => {
          const languages = patterns.flatMap((p) => {
            const items = without(p.sequence, ':');
            return items ? [who.ofAccount(items)] : [];
          });
          return either(languages.length > 0 ? this.caller(...languages) : no, cases(unlisted, patterns));
        };
        if (key === 'aws:principalaccount') return { present: () => yes, match };
        const slot = this.#slot('kms:calleraccount is given', () => ({
          kind: 'string',
          optional: true,
          domain: [text('given')],
        }));
        return { present: () => this.#presence(slot), match: (p) => both(this.#presence(slot), match(p)) };
      }
      case 'aws:principaltype':
        return {
          present: () => yes,
          match: (p) =>
            cases(
              [
                [who.anonymous, 'Anonymous'],
                [who.federated, 'Anonymous'],
                [who.root, 'Account'],
                [who.users, 'User'],
                [who.roles, 'AssumedRole'],
                [who.federatedUsers, 'FederatedUser'],
                [who.services, undefined],
                [who.named, undefined],
              ],
              p,
            ),
        };
      case 'aws:principalisawsservice':
        return {
          present: () => this.caller(who.identities, who.services),
          match: (p) =>
            cases(
              [
                [who.identities, 'false'],
                [who.services, 'true'],
              ],
              p,
            ),
        };
      case 'aws:principalservicename':
        return {
          present: () => this.caller(who.services),
          match: (patterns) =>
            both(
              this.caller(who.services),
              this.caller(...patterns.map((p) => union([...literals('service/'), ...p.sequence]))),
            ),
        };
      case 'aws:username': {
        return {
          present: () => this.caller(who.users),
          match: (patterns) => {
            const languages = patterns.flatMap((p) => {
              const items = without(p.sequence, '/:');
              return items ? [who.userNamed(items)] : [];
            });
            return both(this.caller(who.users), languages.length > 0 ? this.caller(...languages) : no);
          },
        };
      }
      case 'aws:principalorgid': {
        const slot = this.#organization();
        return {
          present: () => this.#presence(slot),
          match: (patterns) =>
            this.#in(
              slot,
              patterns.flatMap((p) => {
                const items = without(p.sequence, '/');
                return items ? [union([...items, ...literals('/'), many(anyChar)])] : [];
              }),
            ),
        };
      }
      case 'aws:principalorgpaths': {
        const slot = this.#organization();
        return { present: () => this.#presence(slot), match: (p) => this.#in(slot, p.map(languageOf)) };
      }
      default:
        return undefined;
    }
  }

  // ---- conditions

  condition(condition: Condition, document: PolicyDocument): Formula {
    const { use } = condition;
    const key = condition.key.toLowerCase();
    const { operator } = use;
    if (operator.family === 'null') {
      return any(
        condition.values.map((v) => {
          if (v.parts) return unknown(`an unresolved template value under Null ${key}`);
          return v.text.toLowerCase() === 'true' ? not(this.present(key)) : this.present(key);
        }),
      );
    }
    const positive = this.#test(condition, document, key);
    const missing = not(this.present(key));
    return use.ifExists ? either(missing, positive) : positive;
  }

  #test(condition: Condition, document: PolicyDocument, key: string): Formula {
    const { use } = condition;
    const { operator, quantifier } = use;
    const kind = kindOfFamily[operator.family]!;
    const negate = (f: Formula): Formula => (operator.negated ? not(f) : f);
    const here = (): Formula => this.present(key);
    const multiWithout =
      quantifier === undefined && (this.#isSet(key) || key === 'aws:principalorgpaths' || key === 'aws:sourceorgpaths');
    if (this.#kind(key) !== kind || multiWithout) {
      const why = multiWithout
        ? `${key} holds several values but ${use.text} has no set operator (row 37)`
        : `${use.text} on ${key}, which holds another type of value`;
      const texts = condition.values.map((v) => v.text).join(', ');
      const f = both(here(), unknown(`${why}: ${operator.name.replace('Not', '')} ${texts}`));
      if (quantifier === 'all') return either(not(here()), negate(f));
      return quantifier === 'any' ? both(here(), negate(f)) : negate(f);
    }
    if (this.#isSet(key))
      return this.#setTest(this.#values(condition, document), key, use.quantifier!, operator.negated);
    const match = this.#scalarMatch(condition, document, key);
    switch (quantifier) {
      case undefined:
        return negate(match);
      case 'any':
        return both(here(), negate(match));
      case 'all': {
        const base = operator.negated ? not(match) : either(not(here()), match);
        if (kind !== 'text' || principalKeys.has(key) || this.#facts(key).domain) return base;
        const empty = this.#in(this.#key(key), [text('')]);
        return either(base, both(empty, unknown(`${use.text} on ${key} with an empty text (row 35)`)));
      }
      default:
        return unreachable(quantifier);
    }
  }

  /** The key is there and its value passes the positive test. */
  #scalarMatch(condition: Condition, document: PolicyDocument, key: string): Formula {
    const { operator } = condition.use;
    switch (kindOfFamily[operator.family]!) {
      case 'text': {
        const values = this.#values(condition, document);
        const access = this.#access(key);
        const dimension = this.#links && principalKeys.has(key) ? -1 : this.#key(key).index;
        return either(
          values.closed.length > 0 ? access.match(values.closed) : no,
          ...values.open.map((o) => both(this.#opened(o, dimension), access.match([o]))),
        );
      }
      case 'number': {
        const slot = this.#key(key);
        const atoms: number[] = [];
        const unsure: Formula[] = [];
        for (const value of condition.values) {
          const read = value.parts
            ? undefined
            : operator.family === 'date'
              ? readInstant(value.text)
              : readNumber(value.text);
          if (read === undefined) {
            unsure.push(
              both(this.#presence(slot), unknown(`${condition.use.text} ${key} with ${JSON.stringify(value.text)}`)),
            );
            continue;
          }
          atoms.push(
            this.#atom(slot, `${operator.relation}${read}`, () => ({
              kind: 'number',
              relation: operator.relation,
              bound: read,
            })),
          );
        }
        const sure: Formula =
          atoms.length === 0 ? no : { kind: 'in', dimension: slot.index, atoms, negated: false, absent: false };
        return either(sure, ...unsure);
      }
      case 'address': {
        const slot = this.#key(key);
        const atoms: number[] = [];
        const unsure: Formula[] = [];
        for (const value of condition.values) {
          const range = value.parts ? undefined : readAddressRange(value.text);
          if (!range) {
            unsure.push(
              both(this.#presence(slot), unknown(`${condition.use.text} ${key} with ${JSON.stringify(value.text)}`)),
            );
            continue;
          }
          const { family, low, high } = range;
          atoms.push(this.#atom(slot, `${family} ${low} ${high}`, () => ({ kind: 'address', family, low, high })));
        }
        const sure: Formula =
          atoms.length === 0 ? no : { kind: 'in', dimension: slot.index, atoms, negated: false, absent: false };
        return either(sure, ...unsure);
      }
      default:
        throw new Error('INVARIANT broken: Null has no values to match');
    }
  }

  #setTest(values: Values, key: string, quantifier: 'all' | 'any', negated: boolean): Formula {
    const slot = this.#key(key);
    const sure = values.closed.map((p) => this.#language(slot, languageOf(p)));
    const wide = [...sure, ...values.open.map((p) => this.#language(slot, languageOf(p)))];
    const open = values.open.map((o) => this.#opened(o, slot.index));
    const kind = quantifier === 'any' ? 'some' : 'all';
    const at = (atoms: readonly number[]): Formula => ({ kind, dimension: slot.index, atoms, negated });
    if (open.length === 0) return at(sure);
    // between the test with the sure values only and the test with the widest ones
    const name = `a policy variable or template value in a test of the set ${key}: ${values.open.map((o) => o.name).join('; ')}`;
    const few = at(sure);
    const most = at(wide);
    return negated
      ? both(few, either(most, unknown(`${name} (${kind}, negated)`)))
      : both(most, either(few, unknown(`${name} (${kind})`)));
  }

  // ---- statements

  statement(statement: Statement, document: PolicyDocument): Formula {
    return all([
      statement.principal ? this.principal(statement.principal, statement.effect, document) : yes,
      this.action(statement.action),
      statement.resource ? this.resource(statement.resource, document) : yes,
      ...statement.conditions.map((c) => this.condition(c, document)),
    ]);
  }

  action(choice: Choice): Formula {
    const slot = this.#action();
    const matches: Formula[] = [];
    const languages: Language[] = [];
    for (const value of choice.values) {
      if (isWild(value)) {
        matches.push(yes);
        continue;
      }
      const lower = value.parts ? value : { ...value, text: value.text.toLowerCase() };
      const pattern = patternOf(pieces(lower, false, true), {
        wild: anyChar,
        ignoreCase: false,
        binding: undefined,
        marks: this.#marks,
      });
      if (pattern.open.length > 0) {
        matches.push(
          both(unknown(`an unresolved template value: action ${value.text}`), this.#in(slot, [languageOf(pattern)])),
        );
      } else languages.push(languageOf(pattern));
      if (pattern.only !== undefined) slot.dimension.preferred.push(pattern.only);
    }
    const matched = either(this.#in(slot, languages), ...matches);
    return choice.negated ? not(matched) : matched;
  }

  resource(choice: Choice, document: PolicyDocument): Formula {
    const slot = this.#resource();
    const matches: Formula[] = [];
    const languages: Language[] = [];
    for (const value of choice.values) {
      const list = pieces(value, document.version === '2012-10-17', true);
      const pattern = arnPattern(list, this.#arnOptions());
      if (pattern === 'all') {
        matches.push(yes);
        continue;
      }
      if (pattern === 'short') {
        const loose = this.#loose(list);
        matches.push(
          both(
            unknown(`the resource pattern "${value.text}" has fewer than six fields`),
            this.#in(slot, [languageOf(loose)]),
          ),
        );
        continue;
      }
      const closed: Pattern[] = [];
      const open: (Pattern & { name: string })[] = [];
      this.#sort(pattern, `resource ${value.text}`, closed, open);
      for (const p of closed) {
        languages.push(languageOf(p));
        slot.dimension.preferred.push(exampleArn(list));
      }
      for (const p of open) matches.push(both(this.#opened(p, slot.index), this.#in(slot, [languageOf(p)])));
    }
    const matched = either(this.#in(slot, languages), ...matches);
    return choice.negated ? not(matched) : matched;
  }

  principal(element: PrincipalElement, effect: 'Allow' | 'Deny', document: PolicyDocument): Formula {
    const matched = any(element.entries.map((e) => this.#entry(e.kind, e.value, document)));
    if (!element.negated) return matched;
    if (effect === 'Allow') return not(matched); // row 20
    // Deny with NotPrincipal (row 19): surely spared is who is listed with the account (and a session with its role too)
    const texts = new Set(element.entries.map((e) => e.value.text));
    const listed = (account: string, partitionName: string) =>
      texts.has(account) || texts.has(`arn:${partitionName}:iam::${account}:root`);
    const spared: Formula[] = [];
    for (const { kind, value } of element.entries) {
      if (kind !== 'AWS') {
        spared.push(this.#entry(kind, value, document));
        continue;
      }
      if (value.text === '*') {
        spared.push(yes);
        continue;
      }
      const arn = /^arn:([^:]*):(iam|sts)::([^:]*):(.+)$/.exec(value.text);
      if (!arn) {
        if (/^\d{12}$/.test(value.text)) {
          spared.push(
            this.caller(union([...literals('arn:aws:iam::'), ...literals(value.text), ...literals(':root')])),
          );
        }
        continue;
      }
      const [, partitionName, service, account, name] = arn as unknown as [string, string, string, string, string];
      if (name === 'root') spared.push(this.caller(text(value.text)));
      else if (!listed(account, partitionName)) continue;
      else if (service === 'iam' && name.startsWith('user/')) spared.push(this.caller(text(value.text)));
      else if (name.startsWith('federated-user/')) spared.push(this.caller(text(value.text)));
      else if (name.startsWith('assumed-role/')) {
        const role = name.split('/')[1]!;
        const roleListed = [...texts].some(
          (t) => t.startsWith(`arn:${partitionName}:iam::${account}:role/`) && t.endsWith(`/${role}`),
        );
        if (roleListed) spared.push(this.#entry('AWS', value, document));
      }
    }
    const maybe = both(
      matched,
      unknown('NotPrincipal with Deny names a caller without its account or session (row 19)'),
    );
    return not(either(...spared, maybe));
  }

  #entry(kind: 'AWS' | 'Federated' | 'Service' | 'CanonicalUser', value: Text, document: PolicyDocument): Formula {
    if (value.parts) {
      const pattern = patternOf(pieces(value, false, false), {
        wild: anyChar,
        ignoreCase: false,
        binding: undefined,
        marks: this.#marks,
      });
      const name = unknown(`an unresolved template value: principal ${kind} ${value.text}`);
      const prefix = { AWS: '', Federated: 'federated/', Service: 'service/', CanonicalUser: 'named/' }[kind];
      if (kind === 'AWS') return both(name, either(this.caller(who.identities), this.caller(who.anonymous)));
      return both(name, this.caller(union([...literals(prefix), ...pattern.sequence])));
    }
    const principal = value.text;
    switch (kind) {
      case 'Service':
        return this.caller(text(`service/${principal}`));
      case 'CanonicalUser':
        return this.caller(text(`named/${principal}`));
      case 'Federated': {
        const pattern = patternOf(pieces(value, false, true), {
          wild: anyChar,
          ignoreCase: false,
          binding: undefined,
          marks: this.#marks,
        });
        return this.caller(
          pattern.only === undefined
            ? union([...literals('federated/'), ...pattern.sequence])
            : text(`federated/${principal}`),
        );
      }
      case 'AWS': {
        if (principal === '*') return document.type === 'trust' ? not(this.caller(who.anonymous)) : yes; // row 13
        if (/^\d{12}$/.test(principal)) return this.#accountCallers(principal);
        const arn = /^arn:([^:]*):(iam|sts)::([^:]*):(.+)$/.exec(principal);
        if (!arn) return no; // a unique id of a deleted principal (row 16)
        const [, partitionName, , account, name] = arn as unknown as [string, string, string, string, string];
        if (account === 'cloudfront') return this.caller(text(`named/${principal}`));
        if (name === 'root') return this.#accountCallers(account);
        if (name.startsWith('assumed-role/')) {
          const [, role, session] = name.split('/') as [string, string, string];
          this.#principal().dimension.preferred.push(`arn:${partitionName}:iam::${account}:role/${role}`);
          const slot = this.#slot('session', () => ({
            kind: 'string',
            optional: false,
            domain: who.sessionDomain,
            preferred: ['session'],
          }));
          return both(this.caller(who.roleOfSession(partitionName, account, role)), this.#in(slot, [text(session)]));
        }
        return this.caller(text(principal));
      }
      default:
        return unreachable(kind);
    }
  }

  #accountCallers(account: string): Formula {
    const slot = this.#principal();
    slot.dimension.preferred.push(`arn:aws:iam::${account}:user/mallory`, `arn:aws:iam::${account}:role/visitor`);
    return this.caller(who.ofAccount(literals(account)));
  }

  // ---- policies

  /** Some Allow statement matches; split first by the search. */
  allows(document: PolicyDocument): Formula {
    return any(
      document.statements.filter((s) => s.effect === 'Allow').map((s) => this.statement(s, document)),
      'grant',
    );
  }

  denies(document: PolicyDocument): Formula {
    return any(document.statements.filter((s) => s.effect === 'Deny').map((s) => this.statement(s, document)));
  }

  /** The document on its own allows the request. */
  grants(document: PolicyDocument, options: { denyCounts?: boolean } = {}): Formula {
    const allowed = this.allows(document);
    return options.denyCounts === false ? allowed : both(not(this.denies(document)), allowed);
  }

  // ---- axioms

  /** The axioms about keys that the formulas so far mention. Call last. */
  axioms(): Axiom[] {
    if (this.#options.axioms === false) return [];
    const out: Axiom[] = [];
    const has = (name: string): boolean => this.#slots.has(name);
    const absent = (name: string): Formula => not(this.#presence(this.#slots.get(name)!));
    const add = (name: string, explanation: string, formula: Formula): void => {
      if (formula.kind !== 'true') out.push({ name, text: explanation, formula });
    };
    if (this.#links && has('principal')) {
      if (has('organization')) {
        add(
          'organization-of-identity',
          'only an AWS identity has aws:PrincipalOrgID and aws:PrincipalOrgPaths',
          either(absent('organization'), this.caller(who.identities)),
        );
      }
      for (const [name, slot] of this.#slots) {
        if (!name.startsWith('aws:principaltag/') || slot.dimension.kind !== 'string') continue;
        add('tag-of-identity', `only an AWS identity has ${name}`, either(absent(name), this.caller(who.identities)));
      }
      for (const name of ['aws:tokenissuetime', 'aws:multifactorauthpresent', 'aws:multifactorauthage']) {
        if (!has(name)) continue;
        add(
          'credentials-of-identity',
          `only an AWS identity has ${name}`,
          either(absent(name), this.caller(who.identities)),
        );
      }
      if (has('aws:userid')) {
        const slot = this.#slots.get('aws:userid')!;
        const none = this.#in(slot, [text('anonymous')]);
        add(
          'userid-of-anonymous',
          'aws:userid is "anonymous" for anonymous callers and for nobody else',
          both(either(not(this.caller(who.anonymous)), none), either(this.caller(who.anonymous), not(none))),
        );
      }
    }
    if (has('aws:multifactorauthage') && has('aws:multifactorauthpresent')) {
      add(
        'mfa-age',
        'aws:MultiFactorAuthAge is there only if aws:MultiFactorAuthPresent is true',
        either(
          absent('aws:multifactorauthage'),
          this.#in(this.#slots.get('aws:multifactorauthpresent')!, [text('true')]),
        ),
      );
    }
    if (has('aws:multifactorauthpresent') && has('aws:tokenissuetime')) {
      add(
        'mfa-temporary',
        'aws:MultiFactorAuthPresent is there only with temporary credentials (aws:TokenIssueTime)',
        either(absent('aws:multifactorauthpresent'), not(absent('aws:tokenissuetime'))),
      );
    }
    if (has('aws:sourceip')) {
      for (const name of ['aws:sourcevpc', 'aws:sourcevpce', 'aws:vpcsourceip', 'aws:sourcevpcarn']) {
        if (!has(name)) continue;
        add(
          'address-or-endpoint',
          `a request has aws:SourceIp or ${name}, never both`,
          either(absent('aws:sourceip'), absent(name)),
        );
      }
    }
    return out;
  }

  /** The key is there and its value is in one of these sequences. For trust zones. */
  holds(key: string, sequences: readonly Sequence[]): Formula {
    if (sequences.length === 0) return no;
    if (this.#isSet(key)) {
      const slot = this.#key(key);
      const atoms = sequences.map((s) => this.#language(slot, union(s)));
      return { kind: 'some', dimension: slot.index, atoms, negated: false };
    }
    if (this.#kind(key) !== 'text') return unknown(`${key} is used with operators of another type`);
    return this.#access(key).match(
      sequences.map((sequence) => ({ sequence, open: [], marked: sequence, missing: false })),
    );
  }

  keyAddress(key: string, ranges: readonly { family: 4 | 6; low: bigint; high: bigint }[]): Formula {
    const slot = this.#key(key);
    return {
      kind: 'in',
      dimension: slot.index,
      atoms: ranges.map((r) => this.#atom(slot, `${r.family} ${r.low} ${r.high}`, () => ({ kind: 'address', ...r }))),
      negated: false,
      absent: false,
    };
  }

  exactAction(action: string): Formula {
    return this.#in(this.#action(), [text(action)]);
  }

  actionIn(actions: readonly string[]): Formula {
    return this.#in(this.#action(), actions.map(text));
  }

  resourceIn(languages: readonly Language[]): Formula {
    return this.#in(this.#resource(), languages);
  }

  exactResource(resource: string): Formula {
    return this.#in(this.#resource(), [text(resource)]);
  }

  /** Says nothing if no document names a session. */
  exactSession(session: string): Formula {
    const slot = this.#slots.get('session');
    return slot ? this.#in(slot, [text(session)]) : yes;
  }

  /** A single-valued key has exactly this value, read as its type; undefined if it holds a set. */
  exactly(key: string, value: string): Formula | undefined {
    if (this.#isSet(key)) return undefined;
    const kind = this.#kind(key);
    if (kind === 'text') return this.#access(key).match([this.#constant(value)]);
    const slot = this.#key(key);
    if (kind === 'address') {
      const range = readAddressRange(value);
      return range ? this.keyAddress(key, [{ family: range.family, low: range.low, high: range.high }]) : undefined;
    }
    const read = this.#facts(key).type === 'date' ? readInstant(value) : readNumber(value);
    if (read === undefined) return undefined;
    const atom = this.#atom(slot, `=${read}`, () => ({ kind: 'number', relation: '=', bound: read }));
    return { kind: 'in', dimension: slot.index, atoms: [atom], negated: false, absent: false };
  }

  /** A key has this value, or this set of values; false if it cannot. */
  given(key: string, value: string | readonly string[]): Formula {
    if (typeof value === 'string') return this.exactly(key, value) ?? this.memberwise(key, text(value), 'some');
    return all([
      this.memberwise(key, union(...value.map(literals)), 'all'),
      ...value.map((v) => this.memberwise(key, text(v), 'some')),
    ]);
  }

  memberwise(key: string, language: Language, kind: 'some' | 'all'): Formula {
    const slot = this.#key(key);
    if (slot.dimension.kind !== 'strings') return no;
    return { kind, dimension: slot.index, atoms: [this.#language(slot, language)], negated: false };
  }

  organizationIn(languages: readonly Language[]): Formula {
    return this.#in(this.#organization(), languages);
  }

  mentions(key: string): boolean {
    return this.#mentioned.has(key);
  }

  prefer(dimension: string, values: readonly string[]): void {
    this.#slots.get(dimension)?.dimension.preferred.unshift(...values);
  }
}

/** An ARN that a pattern matches and that looks like one of AWS's. */
function exampleArn(list: readonly Piece[]): string {
  let out = '';
  let field = 0;
  list.forEach((piece, i) => {
    if (piece.kind === 'char') {
      if (piece.char === ':') field++;
      out += piece.char;
      return;
    }
    if (piece.kind !== 'wild') return;
    if (piece.char === '?') {
      out += field === 4 ? '9' : 'x';
      return;
    }
    const before = list[i - 1];
    const after = list[i + 1];
    const alone =
      (before === undefined || (before.kind === 'char' && before.char === ':')) &&
      (after === undefined || (after.kind === 'char' && after.char === ':'));
    if (!alone) out += field < 5 ? '' : 'x';
    else out += ['arn', 'aws', 's3', 'us-east-1', '123456789012'][field] ?? 'example';
  });
  return out;
}
