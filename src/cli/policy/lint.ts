/**
 * Statements that do nothing, each proved: dead (no request matches), shadowed (Deny removes all it grants), redundant
 * (others grant or deny all of it), contradictory conditions; and things that are known to surprise, shown by a witness
 * where there is one. Proofs are cover proofs that the small checker verified.
 */
import { Budget } from '../../base/budget.ts';
import { stringClasses } from '../../engines/policy/index.ts';
import { arnLanguage } from '../../frontends/iam/action-resources.ts';
import { type PolicyDocument, type Statement, statementName } from '../../frontends/iam/document.ts';
import { all, any, both, not, yes } from '../../frontends/iam/formulas.ts';
import type { Lowering, LoweringOptions } from '../../frontends/iam/lowering.ts';
import { identities } from '../../frontends/iam/principals.ts';
import type { ServiceData } from '../../frontends/iam/service-data.ts';
import type { Formula, Language } from '../../program/space.ts';
import { solve } from './solution.ts';

export interface LintFinding {
  readonly code:
    | 'dead'
    | 'contradiction'
    | 'shadowed'
    | 'redundant'
    | 'wrong-resource'
    | 'missing-key'
    | 'one-family'
    | 'confused-deputy'
    | 'complement'
    | 'notice';
  readonly severity: 'warning' | 'note';
  readonly message: string;
  readonly statement: Statement | undefined;
  /** Proved for all requests, and the proof verified. */
  readonly proved: boolean;
}

export function lint(
  document: PolicyDocument,
  options: LoweringOptions & { data?: ServiceData; budget?: Budget } = {},
): LintFinding[] {
  const out: LintFinding[] = [];
  const budget = options.budget ?? new Budget({ stepLimit: 4_000_000, timeoutMs: 30_000 });
  const impossible = (build: (lowering: Lowering) => Formula): boolean =>
    solve(
      {
        documents: [document],
        options,
        build: (l) =>
          both(build(l), document.type === 'identity' && l.indexOf('principal') >= 0 ? l.caller(identities) : yes),
        replay: () => true, // only a "no" is used here
      },
      budget,
    ).kind === 'no';
  const { statements } = document;
  const allows = statements.filter((s) => s.effect === 'Allow');
  const denies = statements.filter((s) => s.effect === 'Deny');
  const matchOf = (l: Lowering, s: Statement) => l.statement(s, document);
  const gone = new Set<Statement>();
  const say = (
    code: LintFinding['code'],
    severity: LintFinding['severity'],
    statement: Statement,
    message: string,
    proved: boolean,
  ) => {
    out.push({ code, severity, statement, message: `${statementName(document, statement)} ${message}`, proved });
  };
  for (const s of statements) {
    if (!impossible((l) => matchOf(l, s))) continue;
    gone.add(s);
    const pair = contradiction(s, impossible, document);
    if (pair) say('contradiction', 'warning', s, `can never match: its ${pair}.`, true);
    else say('dead', 'warning', s, 'can never match any request.', true);
  }
  for (const s of allows) {
    if (gone.has(s)) continue;
    if (denies.length > 0 && impossible((l) => both(matchOf(l, s), not(l.denies(document))))) {
      say('shadowed', 'warning', s, 'grants nothing: Deny statements of this policy remove all of it.', true);
      gone.add(s);
    }
  }
  for (const s of statements) {
    if (gone.has(s)) continue;
    const others = statements.filter((o) => o !== s && !gone.has(o) && o.effect === s.effect);
    if (others.length === 0 || others.length > 60) continue;
    if (impossible((l) => both(matchOf(l, s), not(any(others.map((o) => matchOf(l, o))))))) {
      const word = s.effect === 'Allow' ? 'adds nothing' : 'takes nothing away';
      say('redundant', 'note', s, `${word}: the other ${s.effect} statements cover all of it.`, true);
      gone.add(s);
    }
  }
  for (const s of statements) if (!gone.has(s)) surprises(s, document, options, say);
  for (const w of document.warnings) {
    out.push({ code: 'notice', severity: 'note', statement: undefined, message: w.message, proved: false });
  }
  return out;
}

type Say = (
  code: LintFinding['code'],
  severity: LintFinding['severity'],
  statement: Statement,
  message: string,
  proved: boolean,
) => void;

function contradiction(
  s: Statement,
  impossible: (build: (lowering: Lowering) => Formula) => boolean,
  document: PolicyDocument,
): string | undefined {
  const name = (i: number) => `${s.conditions[i]!.use.text} ${s.conditions[i]!.key}`;
  for (let i = 0; i < s.conditions.length; i++) {
    if (impossible((l) => l.condition(s.conditions[i]!, document))) return `condition ${name(i)} can never hold`;
  }
  for (let i = 0; i < s.conditions.length; i++) {
    for (let j = i + 1; j < s.conditions.length; j++) {
      const pair = [s.conditions[i]!, s.conditions[j]!];
      if (impossible((l) => all(pair.map((c) => l.condition(c, document)))))
        return `conditions ${name(i)} and ${name(j)} exclude each other`;
    }
  }
  return undefined;
}

function surprises(s: Statement, document: PolicyDocument, options: { data?: ServiceData }, say: Say): void {
  const allow = s.effect === 'Allow';
  if (allow && s.action.negated) {
    say(
      'complement',
      'warning',
      s,
      'allows every action that NotAction does not name, also those that AWS adds later (row 12).',
      false,
    );
  }
  if (allow && s.resource?.negated) {
    say(
      'complement',
      'warning',
      s,
      'allows every resource that NotResource does not name, in every service (row 11).',
      false,
    );
  }
  for (const c of s.conditions) {
    const { operator, quantifier, ifExists } = c.use;
    const nullCheck = s.conditions.some(
      (o) => o.use.operator.family === 'null' && o.key.toLowerCase() === c.key.toLowerCase(),
    );
    if (allow && quantifier === 'all' && !nullCheck) {
      say(
        'missing-key',
        'warning',
        s,
        `also allows requests without ${c.key}: ForAllValues is true of nothing (row 35). Add Null ${c.key} false.`,
        false,
      );
    }
    if (!allow && operator.family === 'bool' && !ifExists && c.key.toLowerCase() === 'aws:multifactorauthpresent') {
      say(
        'missing-key',
        'warning',
        s,
        'does not deny long-term access keys: aws:MultiFactorAuthPresent is missing there (row 32). Use BoolIfExists.',
        false,
      );
    }
    if (allow && operator.family === 'address' && operator.negated && c.values.every((v) => !v.text.includes(':'))) {
      say(
        'one-family',
        'warning',
        s,
        `lets every IPv6 address through: ${c.key} is compared with IPv4 ranges only (row 46).`,
        false,
      );
    }
  }
  const services = s.principal?.entries.filter((e) => e.kind === 'Service') ?? [];
  const guarded = s.conditions.some((c) => /^aws:source(arn|account|orgid|orgpaths|owner)$/i.test(c.key));
  if (allow && services.length > 0 && !guarded && document.type === 'resource') {
    const names = services.map((e) => e.value.text).join(', ');
    say(
      'confused-deputy',
      'warning',
      s,
      `trusts ${names} on behalf of any account: add aws:SourceAccount or aws:SourceArn (row 23).`,
      false,
    );
  }
  if (allow && options.data) wrongResources(s, options.data, say);
}

/** Actions that never work on the resources beside them (row 68). */
function wrongResources(s: Statement, data: ServiceData, say: Say): void {
  if (!s.resource || s.resource.negated || s.action.negated) return;
  if (s.resource.values.some((v) => v.text === '*' || v.text.includes('${') || v.parts)) return;
  const written = s.resource.values.map((v) => arnLanguage(v.text));
  const useless: string[] = [];
  for (const { text } of s.action.values) {
    const actions = data.actionsOf(text.slice(0, text.indexOf(':')).toLowerCase());
    const action = actions.find((a) => a.name.toLowerCase() === text.toLowerCase());
    if (!action) continue;
    const works = action.resources.some((r) => written.some((w) => meetsGlob(w, arnLanguage(r, true))));
    if (!works) useless.push(action.resources.length === 0 ? `${action.name} (which needs Resource "*")` : action.name);
  }
  if (useless.length > 0) {
    say(
      'wrong-resource',
      'warning',
      s,
      `grants nothing for ${useless.join(', ')}: no listed resource is of a type that it works on (row 68).`,
      false,
    );
  }
}

function meetsGlob(a: Language, b: Language): boolean {
  const classes = stringClasses([[a], [b]], undefined, [], new Budget({ stepLimit: 20_000 }), 5000, new Set([0]));
  return !classes || classes.some((c) => c.atoms.length === 2);
}
