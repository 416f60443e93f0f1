/** The condition operators (IAM user guide, "reference_policies_elements_condition_operators"), one row each. */
export type Family = 'string' | 'arn' | 'number' | 'date' | 'bool' | 'binary' | 'address' | 'null';

export interface Operator {
  readonly name: string;
  readonly family: Family;
  /** `NotEquals` and friends: true of a missing key (row 29), a NOR over values (row 26). */
  readonly negated: boolean;
  readonly wildcards: boolean;
  readonly ignoreCase: boolean;
  readonly relation: '=' | '<' | '<=' | '>' | '>=';
}

const row = (name: string, family: Family, more: Partial<Operator> = {}): [string, Operator] => [
  name.toLowerCase(),
  { name, family, negated: false, wildcards: false, ignoreCase: false, relation: '=', ...more },
];

const operators: ReadonlyMap<string, Operator> = new Map([
  row('StringEquals', 'string'),
  row('StringNotEquals', 'string', { negated: true }),
  row('StringEqualsIgnoreCase', 'string', { ignoreCase: true }),
  row('StringNotEqualsIgnoreCase', 'string', { ignoreCase: true, negated: true }),
  row('StringLike', 'string', { wildcards: true }),
  row('StringNotLike', 'string', { wildcards: true, negated: true }),
  row('NumericEquals', 'number'),
  row('NumericNotEquals', 'number', { negated: true }),
  row('NumericLessThan', 'number', { relation: '<' }),
  row('NumericLessThanEquals', 'number', { relation: '<=' }),
  row('NumericGreaterThan', 'number', { relation: '>' }),
  row('NumericGreaterThanEquals', 'number', { relation: '>=' }),
  row('DateEquals', 'date'),
  row('DateNotEquals', 'date', { negated: true }),
  row('DateLessThan', 'date', { relation: '<' }),
  row('DateLessThanEquals', 'date', { relation: '<=' }),
  row('DateGreaterThan', 'date', { relation: '>' }),
  row('DateGreaterThanEquals', 'date', { relation: '>=' }),
  row('Bool', 'bool', { ignoreCase: true }),
  row('BinaryEquals', 'binary'),
  row('IpAddress', 'address'),
  row('NotIpAddress', 'address', { negated: true }),
  row('ArnEquals', 'arn', { wildcards: true }),
  row('ArnLike', 'arn', { wildcards: true }),
  row('ArnNotEquals', 'arn', { wildcards: true, negated: true }),
  row('ArnNotLike', 'arn', { wildcards: true, negated: true }),
  row('Null', 'null'),
]);

export interface OperatorUse {
  readonly operator: Operator;
  readonly quantifier: 'all' | 'any' | undefined;
  readonly ifExists: boolean;
  /** As the user wrote it. */
  readonly text: string;
}

/** Reads `[ForAllValues:|ForAnyValue:]Name[IfExists]`; undefined if there is no such operator. Case does not matter. */
export function readOperator(text: string): OperatorUse | undefined {
  const found = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/i.exec(text);
  const operator = found && operators.get(found[2]!.toLowerCase());
  if (!found || !operator) return undefined;
  const quantifier = found[1] === undefined ? undefined : found[1].toLowerCase() === 'forallvalues' ? 'all' : 'any';
  const ifExists = found[3] !== undefined;
  if (operator.family === 'null' && (quantifier || ifExists)) return undefined; // row 34
  return { operator, quantifier, ifExists, text };
}

export const operatorNames = (): string[] => [...operators.values()].map((o) => o.name);
