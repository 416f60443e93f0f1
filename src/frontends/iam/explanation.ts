/** A policy in plain words, one sentence a statement. Says what is written, not what it amounts to. */
import type { Condition, PolicyDocument, Statement, Text } from './document.ts';

const list = (values: readonly string[], word: string): string =>
  values.length <= 1
    ? (values[0] ?? '')
    : values.length > 12
      ? `${values.slice(0, 10).join(', ')} ${word} ${values.length - 10} more`
      : `${values.slice(0, -1).join(', ')} ${word} ${values[values.length - 1]}`;

const texts = (values: readonly Text[]): string[] => values.map((v) => v.text);

export function explainStatement(statement: Statement, document: PolicyDocument): string {
  const verb = statement.effect === 'Allow' ? 'Allows' : 'Denies';
  const parts = [`${verb} ${actionsOf(statement)}`, `on ${resourcesOf(statement)}`];
  const who = callersOf(statement, document);
  if (who) parts.push(who);
  const conditions = statement.conditions.map(conditionText);
  const when = conditions.length > 0 ? `, if ${conditions.join(', and ')}` : '';
  return `${parts.join(' ')}${when}.`;
}

function actionsOf({ action }: Statement): string {
  const all = action.values.some((v) => v.text === '*');
  if (action.negated)
    return all ? 'no action' : `every action, also future ones, except ${list(texts(action.values), 'and')}`;
  return all ? 'every action' : list(texts(action.values), 'and');
}

function resourcesOf({ resource }: Statement): string {
  if (!resource || resource.values.some((v) => v.text === '*')) return resource?.negated ? 'nothing' : 'everything';
  return resource.negated
    ? `everything except ${list(texts(resource.values), 'and')}`
    : list(texts(resource.values), 'and');
}

function callersOf({ principal, effect }: Statement, document: PolicyDocument): string {
  if (!principal) return '';
  const names = principal.entries.map(({ kind, value }) => {
    const text = value.text;
    if (kind === 'Service') return `the service ${text}`;
    if (kind === 'Federated') return `users of ${text}`;
    if (kind === 'CanonicalUser') return `the account with canonical id ${text}`;
    if (text === '*') return document.type === 'trust' ? 'any AWS identity' : 'everyone, without signing in too';
    const account = /^(?:arn:[^:]*:iam::)?(\d{12})(?::root)?$/.exec(text)?.[1];
    return account ? `everyone in account ${account}` : text;
  });
  const preposition = effect === 'Allow' ? 'to' : 'for';
  return principal.negated
    ? `${preposition} everyone except ${list(names, 'and')}`
    : `${preposition} ${list(names, 'and')}`;
}

const relations: Readonly<Record<string, [string, string]>> = {
  string: ['is', 'is not'],
  arn: ['matches', 'does not match'],
  number: ['is', 'is not'],
  date: ['is', 'is not'],
  bool: ['is', 'is not'],
  binary: ['is', 'is not'],
  address: ['is in', 'is not in'],
};
const orders: Readonly<Record<string, string>> = { '<': 'below', '<=': 'at most', '>': 'above', '>=': 'at least' };

function conditionText({ use, key, values }: Condition): string {
  const { operator, quantifier, ifExists } = use;
  if (operator.family === 'null') {
    return values.some((v) => v.text.toLowerCase() === 'true') ? `${key} is missing` : `${key} is given`;
  }
  const pair = relations[operator.family]!;
  const like = operator.family === 'string' && operator.wildcards;
  let verb = like ? (operator.negated ? 'is not like' : 'is like') : operator.negated ? pair[1] : pair[0];
  if (operator.relation !== '=') verb = `is ${orders[operator.relation]}`;
  const what = list(texts(values), operator.negated ? 'nor' : 'or');
  const subject =
    quantifier === 'all'
      ? `every value of ${key} (or it has none)`
      : quantifier === 'any'
        ? `some value of ${key}`
        : key;
  const missing = ifExists
    ? ` (or ${key} is missing)`
    : operator.negated && quantifier === undefined
      ? ` (also true when ${key} is missing)`
      : '';
  return `${subject} ${verb} ${what}${operator.ignoreCase && operator.family === 'string' ? ', ignoring case' : ''}${missing}`;
}
