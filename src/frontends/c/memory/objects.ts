import { recursiveProcedures } from '../../../program/inline.ts';
import type { Edge, Program, Step } from '../../../program/program.ts';
import { Folder } from '../../../terms/fold.ts';
import type { SymbolTerm, Term } from '../../../terms/term.ts';
import type { Range } from '../preprocessor/source-file.ts';
import { textOf } from '../preprocessor/source-file.ts';
import type { AllocationSite, DeclaredObject, Memory } from './operations.ts';

/**
 * The abstract objects of a memory program after inlining: each declared object of each copy of a function, and each
 * place where an allocation stands. One stands for many objects when it can be made more than once while older ones still exist.
 */
export interface MemoryObject {
  readonly id: number;
  readonly name: string;
  readonly range: Range | undefined;
  readonly declared: DeclaredObject | undefined;
  readonly site: AllocationSite | undefined;
  /** Of a declared object: the symbol of its address, in this copy. */
  readonly base: SymbolTerm | undefined;
  readonly alive: SymbolTerm | undefined;
  readonly extent: SymbolTerm | undefined;
  /** In bytes, where it is known. */
  readonly sizeBytes: number | undefined;
  readonly many: boolean;
  /** A new one is made whenever its scope is entered. */
  readonly reborn: boolean;
  /** The procedure that has it as a local; undefined for globals and for what allocations make. */
  readonly owner: string | undefined;
}

export interface Objects {
  readonly all: readonly MemoryObject[];
  readonly byBase: ReadonlyMap<SymbolTerm, MemoryObject>;
  /** The object that a step of kind assign allocates. */
  readonly bySite: ReadonlyMap<Step, MemoryObject>;
  /** `alive` symbols, also those of copies. */
  readonly byAlive: ReadonlyMap<SymbolTerm, readonly MemoryObject[]>;
}

/**
 * `reborn`: the addresses of objects of which one may be asked for while a later one is in scope, so that they must not
 * share an address. `once`: steps that are carried out at most once on a run, whatever the graph looks like.
 */
export function collectObjects(
  program: Program,
  memory: Memory,
  reborn: ReadonlySet<SymbolTerm>,
  once?: ReadonlySet<Step>,
): Objects {
  const all: MemoryObject[] = [];
  const byBase = new Map<SymbolTerm, MemoryObject>();
  const bySite = new Map<Step, MemoryObject>();
  const byAlive = new Map<SymbolTerm, MemoryObject[]>();
  const recursive = recursiveProcedures(program);
  const folder = new Folder(program.terms);
  const copies = copiesOf(program);
  const add = (object: Omit<MemoryObject, 'id'>): MemoryObject => {
    const made = { ...object, id: all.length };
    all.push(made);
    if (made.alive) byAlive.set(made.alive, [...(byAlive.get(made.alive) ?? []), made]);
    return made;
  };
  const declare = (symbol: SymbolTerm, owner: string | undefined): void => {
    const original = program.variables.get(symbol)?.instanceOf ?? symbol;
    const declared = memory.objects.get(original);
    if (!declared || byBase.has(symbol)) return;
    const same = (s: SymbolTerm | undefined): SymbolTerm | undefined => s && copies.sibling(s, symbol);
    byBase.set(
      symbol,
      add({
        name: declared.name,
        range: declared.range,
        declared,
        site: undefined,
        base: symbol,
        alive: same(declared.alive),
        extent: same(declared.extent),
        sizeBytes: declared.sizeBytes,
        many: (owner !== undefined && recursive.has(owner)) || reborn.has(symbol),
        reborn: reborn.has(symbol),
        owner,
      }),
    );
  };
  for (const g of program.globals) declare(g, undefined);
  for (const p of program.procedures.values()) {
    for (const s of [...p.params, ...p.results, ...p.locals]) declare(s, p.name);
  }
  // Base symbols that are declared nowhere: literals and functions, say.
  for (const symbol of memory.objects.keys()) if (!program.variables.has(symbol)) declare(symbol, undefined);
  for (const procedure of program.procedures.values()) {
    const repeated = onCycles(procedure.edges);
    for (const edge of procedure.edges) {
      for (const step of edge.steps) {
        if (step.kind !== 'assign') continue;
        const made = memory.matchSelect(step.value);
        if (made?.role.kind !== 'allocate') continue;
        const { site } = made.role;
        const size = constantSize(folder.fold(made.indices[0]!));
        const many = (recursive.has(procedure.name) || repeated.has(edge) || bySite.has(step)) && !once?.has(step);
        const name = textOf(site.range);
        const alive = site.alive && copies.sibling(site.alive, step.target);
        const object = {
          name,
          range: site.range,
          declared: undefined,
          site,
          base: undefined,
          alive,
          extent: undefined,
          sizeBytes: size,
          many,
          reborn: false,
          owner: undefined,
        };
        bySite.set(step, add(object));
      }
    }
  }
  return { all, byBase, bySite, byAlive };
}

function constantSize(size: Term): number | undefined {
  if (size.kind !== 'value') return undefined;
  const value = Number(size.value as bigint);
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** Which copies of two variables of one function belong together: inlining copies all of a function's variables at once. */
function copiesOf(program: Program): { sibling(of: SymbolTerm, beside: SymbolTerm): SymbolTerm } {
  const byOriginal = new Map<SymbolTerm, SymbolTerm[]>();
  const ordinal = new Map<SymbolTerm, number>();
  for (const [symbol, variable] of program.variables) {
    if (!variable.instanceOf) continue;
    const list = byOriginal.get(variable.instanceOf) ?? [];
    ordinal.set(symbol, list.length);
    list.push(symbol);
    byOriginal.set(variable.instanceOf, list);
  }
  return {
    sibling: (of, beside) => {
      const n = ordinal.get(beside);
      return n === undefined ? of : (byOriginal.get(of)?.[n] ?? of);
    },
  };
}

/** The edges that can be taken twice in one call: those within a strongly connected component ([Tarjan-1972]). */
export function onCycles(edges: readonly Edge[]): ReadonlySet<Edge> {
  const out = new Map<number, number[]>();
  const nodes = new Set<number>();
  for (const e of edges) {
    nodes.add(e.from).add(e.to);
    const list = out.get(e.from);
    if (list) list.push(e.to);
    else out.set(e.from, [e.to]);
  }
  const index = new Map<number, number>();
  const low = new Map<number, number>();
  const component = new Map<number, number>();
  const path: number[] = [];
  let count = 0;
  let components = 0;
  for (const root of nodes) {
    if (index.has(root)) continue;
    const stack: { at: number; next: number }[] = [];
    const open = (at: number): void => {
      index.set(at, count);
      low.set(at, count++);
      path.push(at);
      stack.push({ at, next: 0 });
    };
    open(root);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const to = out.get(top.at)?.[top.next++];
      if (to !== undefined) {
        if (!index.has(to)) open(to);
        else if (!component.has(to)) low.set(top.at, Math.min(low.get(top.at)!, index.get(to)!));
        continue;
      }
      stack.pop();
      const parent = stack[stack.length - 1];
      if (parent) low.set(parent.at, Math.min(low.get(parent.at)!, low.get(top.at)!));
      if (low.get(top.at) !== index.get(top.at)) continue;
      for (;;) {
        const member = path.pop()!;
        component.set(member, components);
        if (member === top.at) break;
      }
      components++;
    }
  }
  return new Set(edges.filter((e) => component.get(e.from) === component.get(e.to)));
}
