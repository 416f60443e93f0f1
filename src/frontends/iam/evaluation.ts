/**
 * A plain evaluator: one policy, one request, one decision, straight from the user guide's words. It shares no matching
 * code with the lowering (globs by backtracking, addresses by bits, decimals by digits), because every witness is
 * replayed here and a disagreement must show. Three-valued: undefined where the sources do not say what AWS does.
 */
import type { Condition, PolicyDocument, PrincipalElement, Statement, Text } from './document.ts';
import type { Caller, Request } from './request.ts';

export type Truth = boolean | undefined;
export type Decision = 'allow' | 'explicit-deny' | 'implicit-deny' | 'unclear';

export interface EvaluationOptions {
  readonly colonCrossing?: boolean;
  readonly multiValued?: (key: string) => boolean | undefined;
}

export interface Outcome {
  readonly decision: Decision;
  readonly allowedBy: readonly Statement[];
  readonly deniedBy: readonly Statement[];
}

export function evaluate(document: PolicyDocument, request: Request, options: EvaluationOptions = {}): Outcome {
  const allowedBy: Statement[] = [];
  const deniedBy: Statement[] = [];
  let unclearAllow = false;
  let unclearDeny = false;
  for (const statement of document.statements) {
    const matched = matches(statement, document, request, options);
    if (matched === false) continue;
    if (statement.effect === 'Allow') {
      if (matched) allowedBy.push(statement);
      else unclearAllow = true;
    } else if (matched) deniedBy.push(statement);
    else unclearDeny = true;
  }
  let decision: Decision;
  if (deniedBy.length > 0) decision = 'explicit-deny';
  else if (allowedBy.length === 0 && !unclearAllow) decision = 'implicit-deny';
  else decision = unclearDeny || allowedBy.length === 0 ? 'unclear' : 'allow';
  return { decision, allowedBy, deniedBy };
}

const conj = (values: readonly Truth[]): Truth =>
  values.includes(false) ? false : values.includes(undefined) ? undefined : true;
const disj = (values: readonly Truth[]): Truth =>
  values.includes(true) ? true : values.includes(undefined) ? undefined : false;
const neg = (value: Truth): Truth => (value === undefined ? undefined : !value);

export function matches(
  statement: Statement,
  document: PolicyDocument,
  request: Request,
  options: EvaluationOptions = {},
): Truth {
  const parts: Truth[] = [];
  if (statement.principal)
    parts.push(principalMatches(statement.principal, statement.effect, document, request.caller));
  const action = disj(
    statement.action.values.map((v) =>
      v.parts ? undefined : wild(v.text.toLowerCase(), request.action.toLowerCase()),
    ),
  );
  parts.push(statement.action.negated ? neg(action) : action);
  if (statement.resource) {
    const resource = disj(statement.resource.values.map((v) => resourceMatches(v, document, request, options)));
    parts.push(statement.resource.negated ? neg(resource) : resource);
  }
  for (const condition of statement.conditions) parts.push(conditionHolds(condition, document, request, options));
  return conj(parts);
}

// ---- texts

/** A template: constant runs, wildcards, and what variables became. undefined: a symbol; null: matches nothing. */
function expand(value: Text, substitute: boolean, wildcards: boolean, request: Request): string[] | null | undefined {
  if (value.parts) return undefined;
  const out: string[] = [];
  const source = value.text;
  let at = 0;
  while (at < source.length) {
    if (substitute && source.startsWith('${', at)) {
      const close = source.indexOf('}', at);
      const inner = close < 0 ? undefined : source.slice(at + 2, close);
      if (inner !== undefined && !inner.includes('{')) {
        if (inner === '*' || inner === '?' || inner === '$') {
          out.push(inner);
          at = close + 1;
          continue;
        }
        const comma = inner.indexOf(',');
        const key = (comma < 0 ? inner : inner.slice(0, comma)).trim();
        const quoted = comma < 0 ? undefined : /^\s*'([^']*)'\s*$/.exec(inner.slice(comma + 1))?.[1];
        if (key.includes(':') && !/\s/.test(key) && (comma < 0 || quoted !== undefined)) {
          const found = request.context.get(key.toLowerCase());
          const text = typeof found === 'string' ? found : quoted;
          if (text === undefined) return null;
          out.push(...text);
          at = close + 1;
          continue;
        }
      }
    }
    const char = String.fromCodePoint(source.codePointAt(at)!);
    at += char.length;
    out.push(wildcards && (char === '*' || char === '?') ? `W${char}` : char);
  }
  return out;
}

/** `W*` and `W?` are the wildcards; backtracks to the last star only. */
function globMatches(pattern: readonly string[], text: string, barrier?: string): boolean {
  const chars = [...text];
  let p = 0;
  let t = 0;
  let star = -1;
  let mark = 0;
  while (t < chars.length) {
    const want = pattern[p];
    if (want === 'W*') {
      star = p++;
      mark = t;
    } else if (want === chars[t] || (want === 'W?' && chars[t] !== barrier)) {
      p++;
      t++;
    } else if (star >= 0 && chars[mark] !== barrier) {
      t = ++mark;
      p = star + 1;
    } else return false;
  }
  while (pattern[p] === 'W*') p++;
  return p === pattern.length;
}

const wild = (pattern: string, text: string): boolean =>
  globMatches(
    [...pattern].map((c) => (c === '*' || c === '?' ? `W${c}` : c)),
    text,
  );

function arnMatches(
  value: Text,
  actual: string,
  document: PolicyDocument,
  request: Request,
  options: EvaluationOptions,
): Truth {
  if (!value.parts && /^\*+$/.test(value.text)) return true;
  if (value.parts) return undefined;
  const fields = value.text.split(':');
  const actualFields = actual.split(':');
  if (fields.length < 6) return undefined;
  const substitute = document.version === '2012-10-17';
  // a variable may hold a colon of its own, so the first five fields are cut before anything is substituted
  const heads = cutFive(value.text, substitute);
  if (!heads) return undefined;
  if (options.colonCrossing) {
    const whole = heads.fields.flatMap((f) => [...expandPlain(f), ':']);
    const rest = expand({ ...value, text: heads.rest }, substitute, true, request);
    return rest === null ? false : rest === undefined ? undefined : globMatches([...whole, ...rest], actual);
  }
  if (actualFields.length < 6) return false;
  for (let i = 0; i < 5; i++) if (!globMatches(expandPlain(heads.fields[i]!), actualFields[i]!)) return false;
  const rest = expand({ ...value, text: heads.rest }, substitute, true, request);
  if (rest === null) return false;
  return rest === undefined ? undefined : globMatches(rest, actualFields.slice(5).join(':'));
}

const expandPlain = (field: string): string[] => [...field].map((c) => (c === '*' || c === '?' ? `W${c}` : c));

/** The five fields before the resource part; colons inside a variable's braces do not count. */
function cutFive(text: string, variables: boolean): { fields: string[]; rest: string } | undefined {
  const fields: string[] = [];
  let from = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (variables && text.startsWith('${', i)) depth = 1;
    else if (text[i] === '}') depth = 0;
    else if (text[i] === ':' && depth === 0) {
      fields.push(text.slice(from, i));
      from = i + 1;
      if (fields.length === 5) return { fields, rest: text.slice(from) };
    }
  }
  return undefined;
}

function resourceMatches(value: Text, document: PolicyDocument, request: Request, options: EvaluationOptions): Truth {
  if (!value.parts && /^\*+$/.test(value.text)) return true;
  const result = arnMatches(value, request.resource, document, request, options);
  if (result === undefined && !value.parts) {
    // fewer than six fields: surely no match if not even a reading across colons matches
    const loose = expand(value, document.version === '2012-10-17', true, request);
    return loose === null || (loose && !globMatches(loose, request.resource)) ? false : undefined;
  }
  return result;
}

// ---- principals

function principalMatches(
  element: PrincipalElement,
  effect: 'Allow' | 'Deny',
  document: PolicyDocument,
  caller: Caller,
): Truth {
  const matched = disj(element.entries.map(({ kind, value }) => entryMatches(kind, value, document, caller)));
  if (!element.negated) return matched;
  if (effect === 'Allow') return neg(matched);
  if (caller.kind !== 'identity') return neg(matched);
  const texts = element.entries.filter((e) => e.kind === 'AWS').map((e) => e.value.text);
  if (texts.includes('*')) return false;
  const [, partition, , , account, ...rest] = caller.arn.split(':') as [string, string, string, string, string];
  const name = (rest as string[]).join(':');
  const rootArn = `arn:${partition}:iam::${account}:root`;
  const accountListed = texts.includes(account) || texts.includes(rootArn);
  const surely =
    name === 'root'
      ? accountListed
      : name.startsWith('role/')
        ? accountListed &&
          texts.some((t) => t.endsWith(`/${name.split('/').at(-1)}`) && t.includes(`::${account}:role/`)) &&
          texts.includes(`arn:${partition}:sts::${account}:assumed-role/${name.split('/').at(-1)}/${caller.session}`)
        : accountListed && texts.includes(caller.arn);
  if (surely) return false;
  return matched === false ? true : undefined;
}

function entryMatches(kind: string, value: Text, document: PolicyDocument, caller: Caller): Truth {
  if (value.parts) return undefined;
  const text = value.text;
  switch (kind) {
    case 'Service':
      return caller.kind === 'service' && caller.name === text;
    case 'Federated':
      return caller.kind === 'federated' && wild(text, caller.provider);
    case 'CanonicalUser':
      return caller.kind === 'named' && caller.id === text;
    default:
      break;
  }
  if (text === '*') return document.type !== 'trust' || caller.kind !== 'anonymous';
  if (caller.kind === 'named') return caller.id === text;
  if (caller.kind !== 'identity') return false;
  const account = caller.arn.split(':')[4];
  if (text === account) return true;
  const parts = text.split(':');
  if (parts.length < 6 || parts[4] !== account) return false;
  const name = parts.slice(5).join(':');
  if (name === 'root') return true;
  if (name.startsWith('assumed-role/')) {
    const [, role, session] = name.split('/');
    const own = caller.arn.split(':').slice(5).join(':');
    return own.startsWith('role/') && own.split('/').at(-1) === role && caller.session === session;
  }
  return caller.arn === text;
}

// ---- conditions

/** Known without the lowering's table: the global keys that hold several values. */
const severalValues = new Set([
  'aws:tagkeys',
  'aws:calledvia',
  'aws:principalorgpaths',
  'aws:sourceorgpaths',
  'aws:resourceorgpaths',
  'aws:vpceorgpaths',
  'aws:principalservicenameslist',
]);

function conditionHolds(
  condition: Condition,
  document: PolicyDocument,
  request: Request,
  options: EvaluationOptions,
): Truth {
  const key = condition.key.toLowerCase();
  const { operator, quantifier, ifExists } = condition.use;
  const raw = request.context.get(key);
  // a set without members, or with an empty text only, counts as no value at all (row 35)
  const emptySet = Array.isArray(raw) && (raw as readonly string[]).every((x) => x === '');
  const actual = emptySet ? undefined : raw;
  if (operator.family === 'null') {
    return disj(
      condition.values.map((v) => (v.parts ? undefined : (actual === undefined) === (v.text.toLowerCase() === 'true'))),
    );
  }
  if (actual === undefined && ifExists) return true;
  const several = options.multiValued?.(key) ?? severalValues.has(key);
  const test = (one: string): Truth => {
    const positive = disj(condition.values.map((v) => valueMatches(condition, v, one, document, request, options)));
    return operator.negated ? neg(positive) : positive;
  };
  if (quantifier === 'all') {
    if (actual === undefined) return true;
    if (typeof actual === 'string') {
      const result = test(actual);
      return actual === '' && result === false ? undefined : result;
    }
    return conj(actual.map(test));
  }
  if (quantifier === 'any') {
    if (actual === undefined) return false;
    return typeof actual === 'string' ? test(actual) : disj(actual.map(test));
  }
  if (actual === undefined) return operator.negated;
  if (typeof actual !== 'string' || several) return undefined; // row 37
  return test(actual);
}

function valueMatches(
  condition: Condition,
  value: Text,
  actual: string,
  document: PolicyDocument,
  request: Request,
  options: EvaluationOptions,
): Truth {
  const { operator } = condition.use;
  const substitute = document.version === '2012-10-17';
  if (value.parts) return undefined;
  switch (operator.family) {
    case 'string':
    case 'binary': {
      const pattern = expand(value, substitute && operator.family === 'string', operator.wildcards, request);
      if (pattern === null) return false;
      if (pattern === undefined) return undefined;
      if (!operator.ignoreCase) return globMatches(pattern, actual);
      const given = [...actual];
      return given.length === pattern.length && given.every((c, i) => sameLetter(c, pattern[i]!));
    }
    case 'arn': {
      if (/^\*+$/.test(value.text) || value.text.split(':').length < 6) {
        const loose = expand(value, substitute, true, request);
        return loose === null || (loose && !globMatches(loose, actual)) ? false : undefined;
      }
      return arnMatches(value, actual, document, request, options);
    }
    case 'bool':
      if (substitute && value.text.includes('${')) return undefined; // row 58
      return value.text.toLowerCase() === actual.toLowerCase();
    case 'number': {
      const left = decimal(actual);
      const right = decimal(value.text);
      if (!right) return undefined;
      return left ? related(operator.relation, compareDecimals(left, right)) : false;
    }
    case 'date': {
      const left = instant(actual);
      const right = instant(value.text);
      if (right === undefined) return undefined;
      return left === undefined ? false : related(operator.relation, left - right);
    }
    case 'address': {
      const bits = addressBits(actual);
      const [network, length] = value.text.trim().split('/');
      const wanted = addressBits(network!);
      if (!wanted) return undefined;
      if (!bits || bits.length !== wanted.length) return false;
      const prefix = length === undefined ? wanted.length : Number(length);
      return bits.slice(0, prefix) === wanted.slice(0, prefix);
    }
    case 'null':
      return undefined;
  }
}

const sameLetter = (a: string, b: string): boolean =>
  a === b || a.toLowerCase() === b || a.toUpperCase() === b || a === b.toLowerCase() || a === b.toUpperCase();

const related = (relation: string, order: number): boolean =>
  relation === '='
    ? order === 0
    : relation === '<'
      ? order < 0
      : relation === '<='
        ? order <= 0
        : relation === '>'
          ? order > 0
          : order >= 0;

interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

function decimal(text: string): Decimal | undefined {
  const trimmed = text.trim();
  if (!/^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?$/.test(trimmed)) return undefined;
  const [mantissa, exponent = '0'] = trimmed.toLowerCase().split('e') as [string, string?];
  const [whole, fraction = ''] = mantissa.split('.') as [string, string?];
  return { digits: BigInt(whole.replace('+', '') + fraction), scale: fraction.length - Number(exponent) };
}

function compareDecimals(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const left = a.digits * 10n ** BigInt(scale - a.scale);
  const right = b.digits * 10n ** BigInt(scale - b.scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Milliseconds since 1970. */
function instant(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^[+-]?[0-9]{5,}(\.[0-9]+)?$/.test(trimmed)) return Number(trimmed) * 1000;
  if (!/^\d{4}(-\d\d){0,2}([Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?([Zz]|[+-]\d\d:?\d\d)?)?$/.test(trimmed)) return undefined;
  let iso = trimmed.replace(' ', 'T').replace('t', 'T').replace('z', 'Z').replace(',', '.');
  iso = iso.replace(/([+-]\d\d)(\d\d)$/, (whole, h, m) => (iso.includes('T') ? `${h}:${m}` : whole));
  if (iso.includes('T') && !/(Z|[+-]\d\d:\d\d)$/.test(iso)) iso += 'Z';
  const value = Date.parse(iso);
  return Number.isNaN(value) ? undefined : value;
}

/** An address as a string of 32 or 128 bits. */
function addressBits(text: string): string | undefined {
  const trimmed = text.trim();
  const octets = (dotted: string): string | undefined => {
    const parts = dotted.split('.');
    if (parts.length !== 4 || !parts.every((p) => /^\d{1,3}$/.test(p) && Number(p) < 256)) return undefined;
    return parts.map((p) => Number(p).toString(2).padStart(8, '0')).join('');
  };
  if (!trimmed.includes(':')) return octets(trimmed);
  let body = trimmed;
  const dotted = /[^:]+\.[^:]+$/.exec(body)?.[0];
  if (dotted !== undefined) {
    const bits = octets(dotted);
    if (!bits) return undefined;
    const groups = `${Number.parseInt(bits.slice(0, 16), 2).toString(16)}:${Number.parseInt(bits.slice(16), 2).toString(16)}`;
    body = body.slice(0, body.length - dotted.length) + groups;
  }
  const [front, back, extra] = body.split('::');
  if (extra !== undefined) return undefined;
  const split = (s: string | undefined): string[] => (s ? s.split(':') : []);
  const left = split(front);
  const right = split(back);
  const missing = 8 - left.length - right.length;
  if (back === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left, ...Array<string>(missing).fill('0'), ...right];
  if (!groups.every((g) => /^[0-9a-fA-F]{1,4}$/.test(g))) return undefined;
  return groups.map((g) => Number.parseInt(g, 16).toString(2).padStart(16, '0')).join('');
}
