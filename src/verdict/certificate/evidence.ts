import { unreachable } from '../../base/unreachable.ts';
import type { LocationId, Program } from '../../program/program.ts';
import type { Trace } from '../../program/trace.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import type { Value } from '../../terms/value.ts';
import type { Contract } from '../contracts.ts';
import type { Evidence, WholeEvidence } from '../evidence.ts';
import type { Proof } from '../proof.ts';
import type { RankingFunctions, TerminationProof } from '../termination/proof.ts';
import type { Field, Json } from './reader.ts';
import { readSort, readValue, type TermReader, type TermWriter, writeValue } from './terms.ts';

/**
 * Evidence as JSON and back. Locations and edges go by number, variables by name, terms by their number in the table.
 * Reading only brings the evidence into its type; whether it holds is for the checkers to say.
 */
export function writeEvidence(evidence: Evidence, terms: TermWriter): Json {
  const at = (map: ReadonlyMap<LocationId, Term>): Json => [...map].map(([l, t]) => [l, terms.write(t)]);
  const contracts = (list: readonly Contract[] | undefined): { readonly [key: string]: Json } =>
    list
      ? {
          contracts: list.map((c) => ({ procedure: c.procedure, summary: terms.write(c.summary), at: at(c.at) })),
        }
      : {};
  const { kind } = evidence;
  switch (evidence.kind) {
    case 'trace':
      return { kind, trace: writeTrace(evidence.trace), steps: evidence.steps };
    case 'lasso':
      return {
        kind,
        trace: writeTrace(evidence.trace),
        firstStep: evidence.firstStep,
        secondStep: evidence.secondStep,
      };
    case 'exhaustive':
      return { kind, stepLimit: evidence.stepLimit };
    case 'invariant':
      return {
        kind,
        at: at(evidence.at),
        encoding: evidence.encoding,
        ...contracts(evidence.contracts),
        proofs: evidence.proofs.map(writeProof),
      };
    case 'unwinding': {
      const { bound, freeTurns, nodeLimit, proofs } = evidence;
      return { kind, bound, freeTurns, nodeLimit, proofs: proofs.map(writeProof) };
    }
    case 'ranking':
      return {
        kind,
        at: at(evidence.at),
        argument: writeArgument(evidence.argument, terms),
        ...contracts(evidence.contracts),
        proofs: evidence.proofs.map(writeProof),
      };
    case 'recurrent-set':
      return {
        kind,
        stem: writeTrace(evidence.stem),
        stemSteps: evidence.stemSteps,
        sets: evidence.sets.map((s) => ({
          at: s.at,
          set: terms.write(s.set),
          cases: s.cases.map((c) => ({
            guard: terms.write(c.guard),
            edges: [...c.edges],
            inputs: c.inputs.map((i) => terms.write(i)),
          })),
        })),
        proofs: evidence.proofs.map(writeProof),
      };
    case 'parts':
      return {
        kind,
        parts: evidence.parts.map((p) => ({ targets: [...p.targets], evidence: writeEvidence(p.evidence, terms) })),
      };
    default:
      return unreachable(evidence);
  }
}

export function readEvidence(field: Field, program: Program, terms: TermReader): Evidence {
  if (field.at('kind').value !== 'parts') return readWhole(field, program, terms);
  field.only('kind', 'parts');
  const parts = field
    .at('parts')
    .list()
    .map((part) => ({
      targets: part
        .only('targets', 'evidence')
        .at('targets')
        .list()
        .map((t) => t.natural()),
      evidence: readWhole(part.at('evidence'), program, terms),
    }));
  return { kind: 'parts', parts };
}

function readWhole(field: Field, program: Program, terms: TermReader): WholeEvidence {
  const kind = field
    .at('kind')
    .oneOf('trace', 'lasso', 'exhaustive', 'invariant', 'unwinding', 'ranking', 'recurrent-set');
  const proofs = (): Proof[] =>
    field
      .at('proofs')
      .list()
      .map((p) => readProof(p));
  const contracts = (): { contracts?: readonly Contract[] } => {
    const list = field.at('contracts');
    if (!list.present) return {};
    return {
      contracts: list.list().map((c) => ({
        procedure: c.only('procedure', 'summary', 'at').at('procedure').text(),
        summary: terms.formula(c.at('summary')),
        at: readInvariants(c.at('at'), terms),
      })),
    };
  };
  switch (kind) {
    case 'trace':
      field.only('kind', 'trace', 'steps');
      return { kind, trace: readTrace(field.at('trace'), program), steps: field.at('steps').natural() };
    case 'lasso':
      field.only('kind', 'trace', 'firstStep', 'secondStep');
      return {
        kind,
        trace: readTrace(field.at('trace'), program),
        firstStep: field.at('firstStep').natural(),
        secondStep: field.at('secondStep').natural(),
      };
    case 'exhaustive':
      field.only('kind', 'stepLimit');
      return { kind, stepLimit: field.at('stepLimit').natural() };
    case 'invariant':
      field.only('kind', 'at', 'encoding', 'contracts', 'proofs');
      return {
        kind,
        at: readInvariants(field.at('at'), terms),
        encoding: field.at('encoding').oneOf('paths', 'blocks'),
        ...contracts(),
        proofs: proofs(),
      };
    case 'unwinding':
      field.only('kind', 'bound', 'freeTurns', 'nodeLimit', 'proofs');
      return {
        kind,
        bound: field.at('bound').natural(),
        freeTurns: field.at('freeTurns').natural(),
        nodeLimit: field.at('nodeLimit').natural(),
        proofs: proofs(),
      };
    case 'ranking':
      field.only('kind', 'at', 'argument', 'contracts', 'proofs');
      return {
        kind,
        at: readInvariants(field.at('at'), terms),
        argument: readArgument(field.at('argument'), terms, 0),
        ...contracts(),
        proofs: proofs(),
      };
    case 'recurrent-set':
      field.only('kind', 'stem', 'stemSteps', 'sets', 'proofs');
      return {
        kind,
        stem: readTrace(field.at('stem'), program),
        stemSteps: field.at('stemSteps').natural(),
        sets: field
          .at('sets')
          .list()
          .map((s) => ({
            at: s.only('at', 'set', 'cases').at('at').natural(),
            set: terms.formula(s.at('set')),
            cases: s
              .at('cases')
              .list()
              .map((c) => ({
                guard: terms.formula(c.only('guard', 'edges', 'inputs').at('guard')),
                edges: c
                  .at('edges')
                  .list()
                  .map((e) => e.natural()),
                inputs: c
                  .at('inputs')
                  .list()
                  .map((i) => terms.read(i)),
              })),
          })),
        proofs: proofs(),
      };
    default:
      return unreachable(kind);
  }
}

function writeTrace(trace: Trace): Json {
  return {
    initial: [...trace.initial].map(([symbol, value]) => [symbol.name, writeValue(value)]),
    havocs: trace.havocs.map((v) => [sortOfValue(v), writeValue(v)]),
    ...(trace.decisions ? { decisions: [...trace.decisions] } : {}),
  };
}

/** Havoc values do not say which variable they are for, so each brings its sort. */
function sortOfValue(value: Value): Json {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if ('numerator' in value) return 'real';
  if (value.kind === 'float') return value.format;
  const first = [...value.entries.values()][0];
  return ['array', first ? sortOfValue(first.index) : 'int', sortOfValue(value.default)];
}

function readTrace(field: Field, program: Program): Trace {
  field.only('initial', 'havocs', 'decisions');
  const names = new Map([...program.variables.keys()].map((s) => [s.name, s]));
  const initial = new Map<SymbolTerm, Value>();
  for (const item of field.at('initial').list()) {
    const [name, value] = item.pair();
    const symbol = names.get(name.text()) ?? name.fail('a variable of the program');
    initial.set(symbol, readValue(value, symbol.sort));
  }
  const havocs = field
    .at('havocs')
    .list()
    .map((item) => {
      const [sort, value] = item.pair();
      return readValue(value, readSort(sort));
    });
  const decisions = field.at('decisions');
  if (!decisions.present) return { initial, havocs };
  return { initial, havocs, decisions: decisions.list().map((d) => d.natural()) };
}

function readInvariants(field: Field, terms: TermReader): ReadonlyMap<LocationId, Term> {
  const map = new Map<LocationId, Term>();
  for (const item of field.list()) {
    const [location, term] = item.pair();
    if (map.has(location.natural())) location.fail('a location of its own');
    map.set(location.natural(), terms.formula(term));
  }
  return map;
}

function writeProof(proof: Proof): Json {
  switch (proof.kind) {
    case 'arithmetic':
      // Plain data; its checker trusts nothing of it (arithmetic/check.ts).
      return { kind: proof.kind, proof: proof.proof as Json };
    case 'folding':
      return { kind: proof.kind };
    case 'rewriting':
      return { kind: proof.kind, ...(proof.rest ? { rest: writeProof(proof.rest) } : {}) };
    case 'instances':
      return { kind: proof.kind, rest: writeProof(proof.rest) };
    case 'trusted':
      return { kind: proof.kind, tools: [...proof.tools] };
    default:
      return unreachable(proof);
  }
}

function readProof(field: Field, depth = 0): Proof {
  const kind = field.at('kind').oneOf('arithmetic', 'folding', 'rewriting', 'instances', 'trusted');
  switch (kind) {
    case 'arithmetic':
      return { kind, proof: field.only('kind', 'proof').at('proof').value };
    case 'folding':
      field.only('kind');
      return { kind };
    case 'rewriting': {
      const rest = field.only('kind', 'rest').at('rest');
      if (depth > 10) return field.fail('a proof of sensible depth');
      return rest.present ? { kind, rest: readProof(rest, depth + 1) } : { kind };
    }
    case 'instances':
      if (depth > 10) return field.fail('a proof of sensible depth');
      return { kind, rest: readProof(field.only('kind', 'rest').at('rest'), depth + 1) };
    case 'trusted':
      return {
        kind,
        tools: field
          .only('kind', 'tools')
          .at('tools')
          .list()
          .map((t) => t.text()),
      };
    default:
      return unreachable(kind);
  }
}

const deepestArgument = 1_000;

/** The chain of `rest`s becomes a list, so that only components nest. */
function writeArgument(argument: TerminationProof, terms: TermWriter): Json {
  const chain: Json[] = [];
  const functions = (f: RankingFunctions): Json => [...f].map(([node, term]) => [node, terms.write(term)]);
  for (let proof = argument; ; proof = proof.rest) {
    switch (proof.kind) {
      case 'done':
        return chain;
      case 'components':
        chain.push({ kind: proof.kind, parts: proof.parts.map((p) => writeArgument(p, terms)) });
        return chain;
      case 'infeasible':
        chain.push({ kind: proof.kind, transitions: [...proof.transitions] });
        break;
      case 'rank':
        chain.push({ kind: proof.kind, functions: functions(proof.functions), strict: [...proof.strict] });
        break;
      case 'nested':
        chain.push({ kind: proof.kind, functions: proof.functions.map(functions), strict: [...proof.strict] });
        break;
      case 'split':
        chain.push({ kind: proof.kind, node: proof.node, predicate: terms.write(proof.predicate) });
        break;
      case 'chain':
        chain.push({ kind: proof.kind, node: proof.node });
        break;
      case 'square':
        chain.push({ kind: proof.kind });
        break;
      default:
        return unreachable(proof);
    }
  }
}

function readArgument(field: Field, terms: TermReader, depth: number): TerminationProof {
  if (depth > deepestArgument) return field.fail('an argument of sensible depth');
  const functions = (f: Field): RankingFunctions => {
    const map = new Map<string, Term>();
    for (const item of f.list()) {
      const [node, term] = item.pair();
      map.set(node.text(), terms.read(term));
    }
    return map;
  };
  const naturals = (f: Field): number[] => f.list().map((n) => n.natural());
  const chain = field.list(100_000);
  let proof: TerminationProof = { kind: 'done' };
  for (const [i, item] of [...chain.entries()].reverse()) {
    const kind = item.at('kind').oneOf('components', 'infeasible', 'rank', 'nested', 'split', 'chain', 'square');
    const rest: TerminationProof = proof;
    switch (kind) {
      case 'components': {
        if (i !== chain.length - 1) return item.fail('the end of its list');
        const parts = item.only('kind', 'parts').at('parts').list();
        proof = { kind, parts: parts.map((p) => readArgument(p, terms, depth + 1)) };
        break;
      }
      case 'infeasible':
        proof = { kind, transitions: naturals(item.only('kind', 'transitions').at('transitions')), rest };
        break;
      case 'rank':
        item.only('kind', 'functions', 'strict');
        proof = { kind, functions: functions(item.at('functions')), strict: naturals(item.at('strict')), rest };
        break;
      case 'nested':
        item.only('kind', 'functions', 'strict');
        proof = {
          kind,
          functions: item.at('functions').list().map(functions),
          strict: naturals(item.at('strict')),
          rest,
        };
        break;
      case 'split':
        item.only('kind', 'node', 'predicate');
        proof = { kind, node: item.at('node').text(), predicate: terms.formula(item.at('predicate')), rest };
        break;
      case 'chain':
        proof = { kind, node: item.only('kind', 'node').at('node').text(), rest };
        break;
      case 'square':
        item.only('kind');
        proof = { kind, rest };
        break;
      default:
        return unreachable(kind);
    }
  }
  return proof;
}
