import type { Term } from '../../../terms/term.ts';
import { unsupported } from '../diagnostics.ts';
import { type Range, textOf } from '../preprocessor/source-file.ts';
import type { CType } from '../types/ctype.ts';
import type { Typed } from '../types/typed.ts';
import { lowerAssign } from './assignments.ts';
import { lowerCall } from './calls.ts';
import { lowerComplex } from './complex.ts';
import { branchOn } from './conditions.ts';
import { lowerEffect, refuseValue } from './expressions.ts';
import type { Value } from './integers.ts';
import { addressTerm, isCertain, lowerPlace, type MemoryPlace, type Place, plus, requireValid } from './places.ts';
import type { FunctionState } from './state.ts';
import { lowerStatement } from './statements.ts';
import { accessType, type Leaf, leavesOf, refusedType } from './storage.ts';

/** Structures and unions as values: the scalars in them, or, where they have parts that share bytes, a place in memory. */
export type RecordValue =
  | { readonly kind: 'scalars'; readonly parts: ReadonlyMap<string, { readonly value: Value; readonly leaf: Leaf }> }
  /** Valid until memory changes. */
  | { readonly kind: 'memory'; readonly address: Term };

export function lowerRecord(f: FunctionState, e: Typed): RecordValue {
  switch (e.kind) {
    case 'load':
      return recordAt(f, lowerPlace(f, e.lvalue), e.range);
    case 'member':
      return recordAt(f, lowerPlace(f, e), e.range);
    case 'comma':
      lowerEffect(f, e.left);
      return lowerRecord(f, e.right);
    case 'assign':
      lowerAssign(f, e);
      return recordAt(f, lowerPlace(f, e.target), e.range);
    case 'call':
      return lowerCall(f, e, true, 'record');
    case 'statement-expression':
      lowerStatement(f, e.body);
      return e.value ? lowerRecord(f, e.value) : refuseValue(e);
    case 'conditional': {
      const leaves = leavesOf(e.type);
      if (!e.consequent || !leaves) break;
      const targets = new Map(leaves.map((leaf) => [leaf.path, { leaf, symbol: f.temporary('choice', leaf.type) }]));
      const yes = f.newLocation();
      const no = f.newLocation();
      const after = f.newLocation();
      branchOn(f, e.condition, yes, no);
      for (const [at, arm] of [
        [yes, e.consequent],
        [no, e.otherwise],
      ] as const) {
        f.resume(at);
        const value = lowerRecord(f, arm);
        if (value.kind === 'memory') break;
        for (const [path, part] of value.parts)
          f.emit({ kind: 'assign', target: targets.get(path)!.symbol, value: part.value.term });
        f.jump(after);
      }
      f.resume(after);
      const parts = [...targets].map(
        ([path, { leaf, symbol }]) => [path, { leaf, value: { term: symbol, ...f.boundsOf(leaf.type) } }] as const,
      );
      return { kind: 'scalars', parts: new Map(parts) };
    }
    default:
      if (e.type.kind === 'complex') return lowerComplex(f, e);
  }
  const { code, what } = refusedType(e.type);
  return unsupported(code, `${what} (\`${textOf(e.range)}\`)`, e.range);
}

/** The record at a place, read as a whole. */
export function recordAt(f: FunctionState, place: Place, range: Range): RecordValue {
  const leaves = leavesOf(place.type);
  switch (place.kind) {
    case 'register': {
      const prefix = place.path === '' ? '' : `${place.path}.`;
      const storage = f.storage(place.variable);
      const parts = (leaves ?? []).map((leaf) => {
        const cell = storage.get(prefix + leaf.path)!;
        return [leaf.path, { leaf, value: f.read(cell) }] as const;
      });
      return { kind: 'scalars', parts: new Map(parts) };
    }
    case 'part': {
      if (place.whole.kind === 'memory') return unsupported('C0603', 'a part of a union', range);
      const prefix = place.path === '' ? '' : `${place.path}.`;
      const { parts } = place.whole;
      return {
        kind: 'scalars',
        parts: new Map(
          (leaves ?? []).map((leaf) => [leaf.path, { leaf, value: parts.get(prefix + leaf.path)!.value }]),
        ),
      };
    }
    case 'memory': {
      const size = f.unit.sizeOf(place.type);
      if (size === undefined) return unsupported('C0614', 'a structure of variable length', range);
      requireValid(f, place, false, range, size);
      if (!leaves) return { kind: 'memory', address: addressTerm(f, place.address) };
      const parts = leaves.map((leaf) => {
        const target = f.temporary(leaf.path === '' ? 'part' : leaf.path, leaf.type);
        f.emit({ kind: 'assign', target, value: f.unit.memory.load(leafAccess(f, place, leaf)) });
        return [leaf.path, { leaf, value: { term: target, ...f.boundsOf(leaf.type) } }] as const;
      });
      return { kind: 'scalars', parts: new Map(parts) };
    }
  }
}

export function leafAccess(f: FunctionState, place: MemoryPlace, leaf: Leaf) {
  const { start, subscripts } = place.address;
  return {
    start: plus(f, start, BigInt(leaf.offset)),
    subscripts,
    type: accessType(leaf.type, f.unit.pointerBytes, leaf.bitField),
    certain: isCertain(f, place),
  };
}

/** Writes a record to a place as a whole. */
export function writeRecord(f: FunctionState, place: Place, value: RecordValue, range: Range): void {
  switch (place.kind) {
    case 'register': {
      if (value.kind === 'memory') unsupported('C0603', 'this structure', range);
      const prefix = place.path === '' ? '' : `${place.path}.`;
      const storage = f.storage(place.variable);
      for (const [path, { value: part }] of value.parts) {
        const cell = storage.get(prefix + path);
        if (!cell || cell.symbol === part.term) continue;
        f.emit({ kind: 'assign', target: cell.symbol, value: part.term });
        f.hasValue(cell.symbol);
      }
      return;
    }
    case 'memory': {
      const size = f.unit.sizeOf(place.type) ?? 0;
      requireValid(f, place, true, range, size);
      if (value.kind === 'memory') {
        f.emit(f.unit.memory.copy(addressTerm(f, place.address), value.address, size, place.type));
        return;
      }
      for (const { leaf, value: part } of value.parts.values())
        f.emit(f.unit.memory.store(leafAccess(f, place, leaf), part.term));
      return;
    }
    case 'part':
      unsupported('C0604', `a change of a value that is kept nowhere (\`${textOf(range)}\`)`, range);
  }
}

/** A record of a type that a place holds as anything at all: what a function without a body returns. */
export function anyRecord(f: FunctionState, type: CType, input: string, range: Range): RecordValue {
  const leaves = leavesOf(type);
  if (!leaves) {
    const { base } = f.unit.staticObject(input, type, range);
    f.emit(f.unit.memory.fill(base, 'anything'));
    return { kind: 'memory', address: base };
  }
  return {
    kind: 'scalars',
    parts: new Map(leaves.map((leaf) => [leaf.path, { leaf, value: f.anything(leaf.type, input) }])),
  };
}
