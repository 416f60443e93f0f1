/**
 * Policy documents (grammar: IAM user guide, "reference_policies_grammar") from JSON with places. Strict:
 * whatever the grammar does not know is an error with line and column, never skipped, because a skipped condition would
 * turn into a wrong answer. Beyond 300 lines because the grammar is one piece.
 */
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { LineMap, Source } from '../../base/span.ts';
import { type JsonDocument, type JsonNode, type Part, readJson } from './json.ts';
import { type OperatorUse, operatorNames, readOperator } from './operators.ts';
import { readAddressRange, readInstant, readNumber } from './values.ts';

export const policyTypes = ['identity', 'resource', 'trust', 'scp', 'rcp', 'boundary', 'session', 'endpoint'] as const;
export type PolicyType = (typeof policyTypes)[number];

/** A text of the policy and where it stands. `parts` is there only if the text holds unresolved symbols. */
export interface Text {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly parts?: readonly Part[];
}

export type PrincipalKind = 'AWS' | 'Federated' | 'Service' | 'CanonicalUser';

export interface PrincipalElement {
  readonly negated: boolean;
  /** `everyone` is `"*"`, the same as `{"AWS": "*"}` (row 13). */
  readonly entries: readonly { readonly kind: PrincipalKind; readonly value: Text }[];
  readonly start: number;
  readonly end: number;
}

export interface Choice {
  readonly negated: boolean;
  readonly values: readonly Text[];
}

export interface Condition {
  readonly use: OperatorUse;
  /** As written; keys compare without regard to case (row 42). */
  readonly key: string;
  readonly values: readonly Text[];
  readonly start: number;
  readonly end: number;
}

export interface Statement {
  readonly index: number;
  readonly sid?: string;
  readonly effect: 'Allow' | 'Deny';
  readonly principal?: PrincipalElement;
  readonly action: Choice;
  /** Missing in trust policies: every resource (row 10). */
  readonly resource?: Choice;
  readonly conditions: readonly Condition[];
  readonly start: number;
  readonly end: number;
}

export interface PolicyDocument {
  readonly source: Source;
  readonly lines: LineMap;
  readonly type: PolicyType;
  /** Policy variables work only under 2012-10-17; without a Version it is 2008-10-17 (row 52). */
  readonly version: '2012-10-17' | '2008-10-17';
  readonly statements: readonly Statement[];
  readonly warnings: readonly Diagnostic[];
  /** Where in a template or plan it stood, for instance `Resources.Bucket.Properties.PolicyDocument`. */
  readonly name?: string;
}

export function readPolicy(source: Source, type: PolicyType): Result<PolicyDocument, Diagnostic[]> {
  const json = readJson(source);
  return json.ok ? policyFromJson(json.value, source, type) : json;
}

export function policyFromJson(
  json: JsonDocument,
  source: Source,
  type: PolicyType,
  name?: string,
): Result<PolicyDocument, Diagnostic[]> {
  return new PolicyReader(json, source, type, name).read();
}

const hasPrincipal: ReadonlySet<PolicyType> = new Set(['resource', 'trust', 'rcp', 'endpoint']);
const isOneOf = (type: PolicyType, ...types: PolicyType[]): boolean => types.includes(type);

class PolicyReader {
  readonly #json: JsonDocument;
  readonly #source: Source;
  readonly #type: PolicyType;
  readonly #name: string | undefined;
  readonly #errors: Diagnostic[] = [];
  readonly #warnings: Diagnostic[] = [];

  constructor(json: JsonDocument, source: Source, type: PolicyType, name: string | undefined) {
    this.#json = json;
    this.#source = source;
    this.#type = type;
    this.#name = name;
  }

  #error(code: string, at: { start: number; end: number }, message: string, hint?: string): void {
    if (this.#errors.length >= 20) return;
    const span = this.#json.lines.span(at.start, at.end);
    this.#errors.push({ code, severity: 'error', message, span, ...(hint ? { hint } : {}) });
  }

  #warn(code: string, at: { start: number; end: number }, message: string, hint?: string): void {
    const span = this.#json.lines.span(at.start, at.end);
    this.#warnings.push({ code, severity: 'warning', message, span, ...(hint ? { hint } : {}) });
  }

  read(): Result<PolicyDocument, Diagnostic[]> {
    const root = this.#json.root;
    let version: PolicyDocument['version'] = '2008-10-17';
    const statements: Statement[] = [];
    if (root.kind !== 'object') {
      this.#error('IAM-SHAPE', root, 'A policy is a JSON object with a Statement.');
      return err(this.#errors);
    }
    let found = false;
    for (const { key, keyStart, keyEnd, value } of root.members) {
      switch (key) {
        case 'Version':
          if (value.kind === 'string' && (value.value === '2012-10-17' || value.value === '2008-10-17')) {
            version = value.value;
          } else {
            this.#error('IAM-VERSION', value, 'Version is "2012-10-17" or "2008-10-17".');
          }
          break;
        case 'Id':
          if (value.kind !== 'string' && value.kind !== 'token') this.#error('IAM-SHAPE', value, 'Id is a text.');
          break;
        case 'Statement': {
          found = true;
          const items = value.kind === 'array' ? value.items : [value];
          if (items.length === 0) this.#error('IAM-EMPTY', value, 'Statement is an empty list.');
          items.forEach((item, index) => {
            const statement = this.#statement(item, index);
            if (statement) statements.push(statement);
          });
          break;
        }
        default:
          this.#unknownName({ start: keyStart, end: keyEnd }, key, ['Version', 'Id', 'Statement'], 'a policy');
      }
    }
    if (!found) this.#error('IAM-SHAPE', root, 'The policy has no Statement.');
    const seen = new Map<string, Statement>();
    for (const s of statements) {
      if (s.sid === undefined) continue;
      if (seen.has(s.sid)) this.#warn('IAM-SID', s, `Sid ${JSON.stringify(s.sid)} is used twice.`);
      seen.set(s.sid, s);
    }
    if (this.#errors.length > 0) return err(this.#errors);
    return ok({
      source: this.#source,
      lines: this.#json.lines,
      type: this.#type,
      version,
      statements,
      warnings: this.#warnings,
      ...(this.#name === undefined ? {} : { name: this.#name }),
    });
  }

  #unknownName(at: { start: number; end: number }, key: string, known: readonly string[], where: string): void {
    const near = known.find((k) => k.toLowerCase() === key.toLowerCase());
    this.#error(
      'IAM-ELEMENT',
      at,
      `${JSON.stringify(key)} is no element of ${where}.`,
      near ? `Element names are case-sensitive: ${near}.` : `Known here: ${known.join(', ')}.`,
    );
  }

  #statement(node: JsonNode, index: number): Statement | undefined {
    if (node.kind === 'token') {
      this.#error('IAM-UNRESOLVED', node, `This statement is known only after deployment: \${${node.name}}.`);
      return undefined;
    }
    if (node.kind !== 'object') {
      this.#error('IAM-SHAPE', node, 'A statement is an object.');
      return undefined;
    }
    const before = this.#errors.length;
    let sid: string | undefined;
    let effect: 'Allow' | 'Deny' | undefined;
    let principal: PrincipalElement | undefined;
    let action: Choice | undefined;
    let resource: Choice | undefined;
    let conditions: Condition[] = [];
    const twice = (present: unknown, at: { start: number; end: number }, name: string): void => {
      if (present) this.#error('IAM-BOTH', at, `A statement has ${name} or Not${name}, not both.`);
    };
    for (const { key, keyStart, keyEnd, value } of node.members) {
      const at = { start: keyStart, end: keyEnd };
      switch (key) {
        case 'Sid':
          if (value.kind === 'string') sid = value.value;
          else if (value.kind !== 'token') this.#error('IAM-SHAPE', value, 'Sid is a text.');
          break;
        case 'Effect':
          if (value.kind === 'string' && (value.value === 'Allow' || value.value === 'Deny')) effect = value.value;
          else this.#error('IAM-EFFECT', value, 'Effect is "Allow" or "Deny", spelled exactly so.');
          break;
        case 'Principal':
        case 'NotPrincipal':
          twice(principal, at, 'Principal');
          principal = this.#principal(value, key === 'NotPrincipal');
          break;
        case 'Action':
        case 'NotAction':
          twice(action, at, 'Action');
          action = { negated: key === 'NotAction', values: this.#texts(value, key, (t) => this.#checkAction(t)) };
          break;
        case 'Resource':
        case 'NotResource':
          twice(resource, at, 'Resource');
          resource = { negated: key === 'NotResource', values: this.#texts(value, key, (t) => this.#checkResource(t)) };
          break;
        case 'Condition':
          conditions = this.#conditions(value);
          break;
        default:
          this.#unknownName(
            at,
            key,
            [
              'Sid',
              'Effect',
              'Principal',
              'NotPrincipal',
              'Action',
              'NotAction',
              'Resource',
              'NotResource',
              'Condition',
            ],
            'a statement',
          );
      }
    }
    if (!effect && this.#errors.length === before) this.#error('IAM-MISSING', node, 'The statement has no Effect.');
    if (!action && this.#errors.length === before) {
      this.#error('IAM-MISSING', node, 'The statement has neither Action nor NotAction.');
    }
    if (principal && !hasPrincipal.has(this.#type)) {
      this.#error(
        'IAM-PRINCIPAL',
        principal,
        `A policy of type ${this.#type} has no Principal: it applies to whom it is attached.`,
        'If this is a resource policy, say --type resource.',
      );
    }
    if (!principal && hasPrincipal.has(this.#type)) {
      this.#error('IAM-PRINCIPAL', node, `A policy of type ${this.#type} needs a Principal in every statement.`);
    }
    if (principal?.negated && this.#type === 'rcp') {
      this.#error('IAM-PRINCIPAL', principal, 'A resource control policy has Principal "*" only.');
    }
    if (!resource && this.#errors.length === before) {
      if (isOneOf(this.#type, 'trust')) {
        // row 10
      } else if (isOneOf(this.#type, 'resource', 'endpoint')) {
        this.#warn('IAM-RESOURCE', node, 'The statement has no Resource; read as every resource (row 10).');
      } else {
        this.#error('IAM-MISSING', node, 'The statement has neither Resource nor NotResource.');
      }
    }
    if (this.#errors.length > before || !effect || !action) return undefined;
    return {
      index,
      effect,
      action,
      conditions,
      start: node.start,
      end: node.end,
      ...(sid === undefined ? {} : { sid }),
      ...(principal ? { principal } : {}),
      ...(resource ? { resource } : {}),
    };
  }

  /** One text or a non-empty list of texts; each is checked. */
  #texts(node: JsonNode, what: string, check: (text: Text) => void): Text[] {
    const items = node.kind === 'array' ? node.items : [node];
    if (items.length === 0) this.#error('IAM-EMPTY', node, `${what} is an empty list.`);
    const out: Text[] = [];
    for (const item of items) {
      if (item.kind === 'string') {
        const text: Text = {
          text: item.value,
          start: item.start,
          end: item.end,
          ...(item.parts ? { parts: item.parts } : {}),
        };
        check(text);
        out.push(text);
      } else if (item.kind === 'token') {
        out.push({ text: `\${${item.name}}`, parts: [{ symbol: item.name }], start: item.start, end: item.end });
      } else {
        this.#error('IAM-SHAPE', item, `${what} is a text or a list of texts.`);
      }
    }
    return out;
  }

  #checkAction(text: Text): void {
    if (text.parts) return;
    if (/^\*+$/.test(text.text)) return;
    if (/\s/.test(text.text)) {
      this.#error('IAM-ACTION', text, 'An action holds a blank; it would never match (row 2).');
      return;
    }
    const colon = text.text.indexOf(':');
    if (colon <= 0 || colon === text.text.length - 1) {
      this.#error('IAM-ACTION', text, 'An action is "service:Name" or "*".');
      return;
    }
    const prefix = text.text.slice(0, colon);
    if (/[*?]/.test(prefix)) {
      this.#error('IAM-ACTION', text, 'The service part of an action holds no wildcard (row 3).');
    } else if (!/^[A-Za-z0-9-]+$/.test(prefix) || !/^[A-Za-z0-9*?_.-]+$/.test(text.text.slice(colon + 1))) {
      this.#error('IAM-ACTION', text, 'An action is "service:Name"; this one holds characters that none has.');
    }
  }

  #checkResource(text: Text): void {
    if (text.parts) return;
    if (text.text === '*' || /^arn:/.test(text.text)) return;
    if (/^[*?]/.test(text.text)) {
      this.#warn('IAM-RESOURCE', text, 'The resource begins with a wildcard; write the ARN in full.');
      return;
    }
    if (text.text.startsWith('${')) return;
    this.#error('IAM-RESOURCE', text, 'A resource is an ARN ("arn:…") or "*".');
  }

  #principal(node: JsonNode, negated: boolean): PrincipalElement | undefined {
    const entries: { kind: PrincipalKind; value: Text }[] = [];
    const done = (): PrincipalElement => ({ negated, entries, start: node.start, end: node.end });
    if (node.kind === 'string') {
      if (node.value !== '*') {
        this.#error('IAM-PRINCIPAL', node, 'Principal is "*" or an object such as {"AWS": "111122223333"}.');
        return undefined;
      }
      entries.push({ kind: 'AWS', value: { text: '*', start: node.start, end: node.end } });
      return done();
    }
    if (node.kind !== 'object') {
      this.#error('IAM-PRINCIPAL', node, 'Principal is "*" or an object such as {"AWS": "111122223333"}.');
      return undefined;
    }
    if (node.members.length === 0) this.#error('IAM-EMPTY', node, 'Principal is an empty object.');
    for (const { key, keyStart, keyEnd, value } of node.members) {
      if (key !== 'AWS' && key !== 'Federated' && key !== 'Service' && key !== 'CanonicalUser') {
        this.#unknownName(
          { start: keyStart, end: keyEnd },
          key,
          ['AWS', 'Federated', 'Service', 'CanonicalUser'],
          'Principal',
        );
        continue;
      }
      for (const text of this.#texts(value, `Principal.${key}`, (t) => this.#checkPrincipal(key, t))) {
        entries.push({ kind: key, value: text });
      }
    }
    return done();
  }

  #checkPrincipal(kind: PrincipalKind, text: Text): void {
    if (text.parts) return;
    const value = text.text;
    if (kind === 'AWS') {
      if (value === '*' || /^\d{12}$/.test(value)) return;
      if (/^A[A-Z0-9]{15,127}$/.test(value)) {
        this.#warn(
          'IAM-DELETED',
          text,
          'This unique id is all that is left of a deleted principal; it matches nobody.',
        );
        return;
      }
      if (/[*?]/.test(value)) {
        this.#error('IAM-PRINCIPAL', text, 'A principal is "*" or has no wildcard at all (row 15).');
        return;
      }
      const arn = /^arn:aws[a-z-]*:(iam|sts)::([^:]*):(.+)$/.exec(value);
      if (!arn || !(/^\d{12}$/.test(arn[2]!) || arn[2] === 'cloudfront')) {
        this.#error('IAM-PRINCIPAL', text, 'An AWS principal is "*", a 12-digit account number or the ARN of one.');
        return;
      }
      const rest = arn[3]!;
      const known =
        arn[1] === 'iam'
          ? rest === 'root' || /^(user|role)\/./.test(rest)
          : /^assumed-role\/[^/]+\/[^/]+$/.test(rest) || /^federated-user\/./.test(rest);
      if (!known) {
        this.#error(
          'IAM-PRINCIPAL',
          text,
          'A principal ARN names an account root, user, role, role session or federated user.',
        );
      }
      return;
    }
    if (/[*?]/.test(value)) {
      if (kind === 'Federated') this.#warn('IAM-PRINCIPAL', text, 'A federated principal should have no wildcard.');
      else this.#error('IAM-PRINCIPAL', text, `A ${kind} principal has no wildcard.`);
    } else if (value === '') this.#error('IAM-PRINCIPAL', text, `A ${kind} principal is not empty.`);
    else if (kind === 'Service' && !/^[A-Za-z0-9.-]+$/.test(value)) {
      this.#error('IAM-PRINCIPAL', text, 'A service principal looks like "name.amazonaws.com".');
    }
  }

  #conditions(node: JsonNode): Condition[] {
    const out: Condition[] = [];
    if (node.kind !== 'object') {
      this.#error('IAM-CONDITION', node, 'Condition is an object: operator, then key, then values.');
      return out;
    }
    const seen = new Map<string, string>();
    for (const { key: operatorText, keyStart, keyEnd, value } of node.members) {
      const use = readOperator(operatorText);
      if (!use) {
        this.#error(
          'IAM-OPERATOR',
          { start: keyStart, end: keyEnd },
          `${JSON.stringify(operatorText)} is no condition operator.`,
          suggestion(operatorText),
        );
        continue;
      }
      if (value.kind !== 'object') {
        this.#error('IAM-CONDITION', value, 'After an operator comes an object: keys and their values.');
        continue;
      }
      if (value.members.length === 0) this.#error('IAM-EMPTY', value, `${operatorText} names no key.`);
      for (const member of value.members) {
        const at = { start: member.keyStart, end: member.value.end };
        const identity = `${operatorText.toLowerCase()} ${member.key.toLowerCase()}`;
        if (seen.has(identity)) {
          this.#error('IAM-DUPLICATE', at, `${operatorText} names ${member.key} twice; keys ignore case (row 27).`);
        }
        seen.set(identity, member.key);
        if (!/^[^:\s]+:.+$/.test(member.key)) {
          this.#error('IAM-KEY', { start: member.keyStart, end: member.keyEnd }, 'A condition key is "service:Name".');
          continue;
        }
        out.push({ use, key: member.key, values: this.#values(member.value, use), start: at.start, end: at.end });
      }
    }
    return out;
  }

  #values(node: JsonNode, use: OperatorUse): Text[] {
    const items = node.kind === 'array' ? node.items : [node];
    if (items.length === 0) this.#error('IAM-EMPTY', node, 'A condition has an empty list of values.');
    const out: Text[] = [];
    for (const item of items) {
      const at = { start: item.start, end: item.end };
      if (item.kind === 'string') out.push({ text: item.value, ...at, ...(item.parts ? { parts: item.parts } : {}) });
      else if (item.kind === 'number') out.push({ text: item.text, ...at });
      else if (item.kind === 'boolean') out.push({ text: String(item.value), ...at });
      else if (item.kind === 'token') out.push({ text: `\${${item.name}}`, parts: [{ symbol: item.name }], ...at });
      else {
        this.#error('IAM-CONDITION', item, 'A condition value is a text, a number or a truth value.');
        continue;
      }
      this.#checkValue(out[out.length - 1]!, use);
    }
    return out;
  }

  #checkValue(text: Text, use: OperatorUse): void {
    if (text.parts || text.text.includes('${')) return;
    switch (use.operator.family) {
      case 'number':
        if (readNumber(text.text) === undefined) {
          this.#warn('IAM-VALUE', text, `${use.text} needs a number; what it does with this is not documented.`);
        }
        break;
      case 'date':
        if (readInstant(text.text) === undefined) {
          this.#error('IAM-VALUE', text, `${use.text} needs an ISO 8601 date or seconds since 1970.`);
        }
        break;
      case 'address':
        if (!readAddressRange(text.text)) this.#error('IAM-VALUE', text, `${use.text} needs an address or CIDR range.`);
        break;
      case 'bool':
      case 'null':
        if (!/^(true|false)$/i.test(text.text)) this.#error('IAM-VALUE', text, `${use.text} needs "true" or "false".`);
        break;
      case 'arn':
        if (text.text !== '*' && text.text.split(':').length < 6) {
          this.#warn('IAM-ARN', text, 'This ARN pattern has fewer than six parts; how it matches is not documented.');
        }
        break;
      case 'string':
      case 'binary':
        break;
    }
  }
}

function suggestion(text: string): string {
  const lower = text.toLowerCase();
  const near = operatorNames().find(
    (n) => lower.includes(n.toLowerCase()) || n.toLowerCase().startsWith(lower.slice(0, 6)),
  );
  if (/null/.test(lower)) return 'Null takes neither IfExists nor ForAllValues/ForAnyValue (row 34).';
  return near ? `Did you mean ${near}?` : 'See the list of condition operators in docs/guide/policies.md.';
}

/** `statement 2 (Sid "Read", line 17)`: how we speak of a statement everywhere. */
export function statementName(document: PolicyDocument, statement: Statement): string {
  const line = document.lines.position(statement.start).line;
  const sid = statement.sid === undefined ? '' : `Sid ${JSON.stringify(statement.sid)}, `;
  return `statement ${statement.index} (${sid}line ${line})`;
}
