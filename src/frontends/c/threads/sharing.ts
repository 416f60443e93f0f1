import type { Edge, Program, Step } from '../../../program/program.ts';
import type { Term } from '../../../terms/term.ts';
import { subterms } from '../../../terms/traversal.ts';
import { unsupported } from '../diagnostics.ts';
import { collectObjects, type MemoryObject, type Objects } from '../memory/objects.ts';
import { accessSize, type Memory, type MemoryRole } from '../memory/operations.ts';
import { PointsToAnalysis } from '../memory/points-to.ts';

/** What a step, or a check, does with an object. */
export interface Access {
  readonly object: MemoryObject;
  readonly write: boolean;
}

/** Some bytes that a step reads or writes; without a size, all of the object that the address leads to. */
export interface Touch {
  readonly address: Term;
  readonly sizeBytes: number | undefined;
  readonly write: boolean;
}

const aboutLives: ReadonlySet<MemoryRole['kind']> = new Set(['valid', 'valid-range', 'freeable', 'is-live']);

/** Which objects the steps of a memory program access. What pointers may lead to does not depend on the order of steps. */
export class Accesses {
  readonly objects: Objects;
  readonly #memory: Memory;
  readonly #program: Program;
  readonly #pointsTo: PointsToAnalysis;

  constructor(program: Program, memory: Memory, pointerBytes: number) {
    this.#program = program;
    this.#memory = memory;
    this.objects = collectObjects(program, memory, new Set());
    this.#pointsTo = new PointsToAnalysis(program, memory, this.objects, pointerBytes);
    if (!this.#pointsTo.run()) unsupported('C0726', 'pointers point to so many places that we cannot follow them');
  }

  /** Allocations that the graph lets happen once only. */
  get once(): ReadonlySet<Step> {
    return new Set([...this.objects.bySite].filter(([, object]) => !object.many).map(([step]) => step));
  }

  ofStep(step: Step): Access[] {
    const found: Access[] = [];
    if (step.kind === 'assume') this.#read(step.condition, found);
    if (step.kind !== 'assign') return found;
    const store = this.#memory.matchStore(step);
    if (!store) {
      for (const object of this.objects.byAlive.get(step.target) ?? []) found.push({ object, write: true });
      this.#read(step.value, found);
      return found;
    }
    for (const index of store.indices) {
      this.#at(index, true, found);
      this.#read(index, found);
    }
    if (store.role.kind === 'copy' || store.role.kind === 'copy-object') this.#at(store.value, false, found);
    this.#read(store.value, found);
    return found;
  }

  ofTerm(term: Term): Access[] {
    const found: Access[] = [];
    this.#read(term, found);
    return found;
  }

  #at(address: Term, write: boolean, found: Access[]): void {
    for (const object of this.#pointsTo.of(address).objects.keys()) found.push({ object, write });
  }

  #read(root: Term, found: Access[]): void {
    for (const term of subterms([root])) {
      const made = this.#memory.matchSelect(term);
      if (!made) continue;
      if (made.role.kind === 'nothing-leaks')
        for (const object of this.objects.all) found.push({ object, write: false });
      if (made.role.kind === 'cell' || aboutLives.has(made.role.kind))
        for (const index of made.indices) this.#at(index, false, found);
    }
  }

  /** The bytes that a step touches. */
  touches(step: Step): Touch[] {
    const t = this.#program.terms;
    const found: Touch[] = [];
    const cell = (role: MemoryRole, indices: readonly Term[], write: boolean): void => {
      if (role.kind !== 'cell') return;
      let address = indices[0]!;
      for (const [i, s] of role.subscripts.entries())
        address = t.add(address, t.multiply(indices[i + 1]!, t.int(s.strideBytes)));
      found.push({ address, sizeBytes: accessSize(role.type), write });
    };
    const read = (root: Term): void => {
      for (const term of subterms([root])) {
        const made = this.#memory.matchSelect(term);
        if (made) cell(made.role, made.indices, false);
      }
    };
    if (step.kind === 'assume') read(step.condition);
    if (step.kind !== 'assign') return found;
    const store = this.#memory.matchStore(step);
    if (!store) {
      read(step.value);
      return found;
    }
    const address = store.indices[0]!;
    switch (store.role.kind) {
      case 'cell':
        cell(store.role, store.indices, true);
        break;
      case 'copy':
      case 'copy-object': {
        const sizeBytes = store.role.kind === 'copy' ? store.role.sizeBytes : undefined;
        found.push({ address, sizeBytes, write: true }, { address: store.value, sizeBytes, write: false });
        break;
      }
      case 'fill':
      case 'free':
        found.push({ address, sizeBytes: undefined, write: true });
        break;
      default:
    }
    return found;
  }

  /** Two touches are of the same byte. */
  overlap(a: Touch, b: Touch): Term {
    const t = this.#program.terms;
    if (a.sizeBytes === undefined || b.sizeBytes === undefined) return this.#memory.sameObject(a.address, b.address);
    if (a.sizeBytes === b.sizeBytes && a.sizeBytes === 1) return t.equal(a.address, b.address);
    return t.and(
      t.less(a.address, t.add(b.address, t.int(b.sizeBytes))),
      t.less(b.address, t.add(a.address, t.int(a.sizeBytes))),
    );
  }

  /** The objects that both may touch. */
  common(a: Touch, b: Touch): MemoryObject[] {
    const others = this.#pointsTo.of(b.address).objects;
    return [...this.#pointsTo.of(a.address).objects.keys()].filter((o) => others.has(o));
  }
}

/** Objects that some thread writes to and another one accesses. `accesses`: by thread. */
export function sharedObjects(accesses: readonly (readonly Access[])[]): ReadonlySet<MemoryObject> {
  const readers = new Map<MemoryObject, Set<number>>();
  const writers = new Map<MemoryObject, Set<number>>();
  for (const [thread, list] of accesses.entries()) {
    for (const { object, write } of list) {
      for (const map of write ? [readers, writers] : [readers]) {
        const set = map.get(object);
        if (set) set.add(thread);
        else map.set(object, new Set([thread]));
      }
    }
  }
  return new Set([...writers.keys()].filter((object) => readers.get(object)!.size > 1));
}

/** The edges out of each location. */
export function edgesFrom<E extends Pick<Edge, 'from'>>(edges: readonly E[]): ReadonlyMap<number, readonly E[]> {
  const map = new Map<number, E[]>();
  for (const edge of edges) {
    const list = map.get(edge.from);
    if (list) list.push(edge);
    else map.set(edge.from, [edge]);
  }
  return map;
}
