import type { TermFactory } from '../../../terms/factory.ts';
import type { SymbolTerm, Term } from '../../../terms/term.ts';
import { unsupported } from '../diagnostics.ts';
import type { IntegerModel } from '../lowering/integers.ts';
import { byteOf, clipped, compose, convert, extract, fromBits, insert, slotRange, toBits } from './bytes.ts';
import { addLinear, fromLinear, type Linear, linear } from './linear.ts';
import { greatest, least, modulo } from './offsets.ts';
import { type AccessType, accessSort } from './operations.ts';
import { isPinned, type Region, reached, type Target } from './regions.ts';
import { residues, type Slot } from './representation.ts';

/** A place whose terms are resolved: ready to be computed with. */
export interface ResolvedPlace {
  readonly atom: Term;
  readonly constant: number;
  readonly parts: readonly { readonly stride: number; readonly index: Term; readonly count: number | undefined }[];
}

/** Some bits, counted from the addressed byte. */
export interface Bits {
  readonly lowBit: number;
  readonly widthBits: number;
  readonly type: AccessType;
}

interface Located {
  /** When it is this one; undefined where it is the only one. */
  readonly guard: Term | undefined;
  /** Where in a period (or in the object) the addressed byte lies. */
  readonly residue: number;
  /** The index of the element in which the byte lies, `carry` elements on. */
  readonly index: (carry: number) => Term | undefined;
}

/** Reads and writes the variables of regions. */
export class Storage {
  readonly #t: TermFactory;
  readonly #model: IntegerModel;

  constructor(terms: TermFactory, model: IntegerModel) {
    this.#t = terms;
    this.#model = model;
  }

  /** The bytes between the start of the object and the address: exact for single regions and pinned atoms. */
  offset(target: Target, place: ResolvedPlace): Linear {
    let form: Linear = { constant: BigInt(place.constant), parts: new Map() };
    if (isPinned(target)) form = { ...form, constant: form.constant + BigInt(target.offsets.first) };
    else form = addLinear(form, this.sinceStart(target.region, place.atom));
    for (const p of place.parts) form = addLinear(form, linear(p.index), BigInt(p.stride));
    return form;
  }

  /** An address, from the start of its object. */
  sinceStart(region: Region, address: Term): Linear {
    return addLinear(linear(address), linear(this.instance(region, address)), -1n);
  }

  /** The start of the object in which an address lies. */
  instance(region: Region, address: Term): Term {
    const t = this.#t;
    if (!region.many) return t.int(region.base);
    const since = fromLinear(t, addLinear(linear(address), { constant: region.base, parts: new Map() }, -1n));
    const number = t.apply('div', [since, t.int(region.spacing)]);
    return fromLinear(t, { constant: region.base, parts: new Map([[number, region.spacing]]) });
  }

  /** Where an access by way of a target can be; none if it never lies inside the object. */
  #locate(target: Target, place: ResolvedPlace, bits: Bits): Located[] {
    const t = this.#t;
    const { region, offsets } = target;
    const { period } = region.representation;
    const whole = reached(target, { ...place, inCounts: true, pts: undefined as never });
    const bytes = Math.ceil((bits.lowBit + bits.widthBits) / 8);
    if (greatest(whole) < 0) return [];
    if (region.sizeBytes !== undefined && Math.max(0, least(whole)) + bytes > region.sizeBytes) return [];
    if (region.representation.slots.length === 0) return [];
    const inner = place.parts.filter((p) => period === 0 || p.stride % period !== 0);
    const outer = place.parts.filter((p) => period !== 0 && p.stride % period === 0);
    // Subscripts inside the period are written out.
    let cases: { guard: Term[]; constant: number }[] = [{ guard: [], constant: place.constant }];
    for (const p of inner) {
      if (p.count === undefined)
        throw new Error(`INVARIANT broken: ${region.name} has a period that an access does not fit`);
      const next: typeof cases = [];
      for (let k = 0; k < p.count; k++) {
        for (const c of cases) {
          next.push({
            guard: [...c.guard, t.equal(p.index, t.int(k))],
            constant: c.constant + k * p.stride,
          });
        }
      }
      cases = next;
    }
    let outside: Linear = { constant: 0n, parts: new Map() };
    for (const p of outer) outside = addLinear(outside, linear(p.index), BigInt(p.stride));
    const result: Located[] = [];
    const starts = isPinned(target) ? [offsets.first] : residues(offsets, period);
    for (const start of starts) {
      const guards: Term[] = [];
      let since: Linear = { constant: BigInt(start), parts: new Map() };
      if (!isPinned(target)) {
        if (period === 0)
          throw new Error(`INVARIANT broken: ${region.name} has no period, but a pointer walks over it`);
        since = addLinear(linear(place.atom), { constant: region.base, parts: new Map() }, -1n);
        if (starts.length > 1) {
          const rest = t.apply('mod', [fromLinear(t, since), t.int(period)]);
          guards.push(t.equal(rest, t.int(start)));
        }
      } else if (region.many) {
        since = addLinear(linear(place.atom), { constant: region.base, parts: new Map() }, -1n);
      }
      for (const c of cases) {
        const residue = period === 0 ? start + c.constant : modulo(start + c.constant, period);
        if (residue < 0) continue;
        const all = [...guards, ...c.guard];
        const form = addLinear(addLinear(since, outside), { constant: BigInt(c.constant - residue), parts: new Map() });
        const index = (carry: number): Term | undefined => {
          if (period === 0 && !region.many) return undefined;
          const constant = form.constant + BigInt(carry * period) + (region.many ? region.base : 0n);
          const moved = { constant, parts: form.parts };
          return fromLinear(t, region.many ? moved : divided(moved, region.unit));
        };
        result.push({ guard: all.length > 0 ? t.all(all) : undefined, residue, index });
      }
    }
    return result;
  }

  /** The value there; undefined if the access never lies inside the object. */
  read(target: Target, place: ResolvedPlace, bits: Bits): Term | undefined {
    let value: Term | undefined;
    for (const at of this.#locate(target, place, bits).reverse()) {
      const here = this.#readAt(target.region, at, bits);
      if (here === undefined) continue;
      value = value === undefined || at.guard === undefined ? here : this.#t.ite(at.guard, here, value);
    }
    return value;
  }

  #readAt(region: Region, at: Located, bits: Bits): Term | undefined {
    const t = this.#t;
    const slot = this.#slot(region, 8 * at.residue + bits.lowBit, bits.widthBits);
    if (slot) return convert(t, this.#get(region, slot, at.index(0)), slot.type, bits.type, bits.widthBits);
    const bytes = this.#bytes(region, at, bits);
    if (!bytes) return undefined;
    const values = bytes.map(({ slot, index }) => toBits(t, this.#get(region, slot, index), slot.type, 8));
    const first = bits.lowBit - 8 * Math.floor(bits.lowBit / 8);
    const composed = compose(t, values);
    const field =
      first === 0 && bits.widthBits === 8 * bytes.length ? composed : extract(t, composed, first, bits.widthBits);
    return fromBits(t, field, bits.type, bits.widthBits);
  }

  /** Notes the new values of the variables that an access writes to, where `condition` holds. False: never inside. */
  write(
    target: Target,
    place: ResolvedPlace,
    bits: Bits,
    value: Term,
    condition: Term | undefined,
    now: Map<SymbolTerm, Term>,
  ): boolean {
    const t = this.#t;
    let written = false;
    for (const at of this.#locate(target, place, bits)) {
      const parts = [condition, at.guard].filter((c): c is Term => c !== undefined);
      const when = parts.length > 0 ? t.all(parts) : undefined;
      const { region } = target;
      const slot = this.#slot(region, 8 * at.residue + bits.lowBit, bits.widthBits);
      if (slot) {
        this.#set(region, slot, at.index(0), convert(t, value, bits.type, slot.type, bits.widthBits), when, now);
        written = true;
        continue;
      }
      const bytes = this.#bytes(region, at, bits);
      if (!bytes) continue;
      written = true;
      const natural = toBits(t, value, bits.type, bits.widthBits);
      const first = bits.lowBit - 8 * Math.floor(bits.lowBit / 8);
      let whole = natural;
      if (first !== 0 || bits.widthBits !== 8 * bytes.length) {
        const old = bytes.map(({ slot: s, index }) => toBits(t, this.#get(region, s, index, now), s.type, 8));
        whole = insert(t, compose(t, old), first, bits.widthBits, natural);
      }
      const values = bytes.map((_, i) => byteOf(t, whole, i, bytes.length));
      for (const [i, { slot: s, index }] of bytes.entries()) {
        this.#set(region, s, index, fromBits(t, values[i]!, s.type, 8), when, now);
      }
    }
    return written;
  }

  #slot(region: Region, lowBit: number, widthBits: number): Slot | undefined {
    return region.representation.slots.find((s) => s.lowBit === lowBit && s.widthBits === widthBits);
  }

  /** The slots of one byte that an access is made of. */
  #bytes(region: Region, at: Located, bits: Bits): { slot: Slot; index: Term | undefined }[] | undefined {
    const { period } = region.representation;
    const from = Math.floor(bits.lowBit / 8);
    const to = Math.ceil((bits.lowBit + bits.widthBits) / 8);
    const result: { slot: Slot; index: Term | undefined }[] = [];
    let missing = 0;
    for (let b = from; b < to; b++) {
      const byte = at.residue + b;
      const carry = period === 0 ? 0 : Math.floor(byte / period);
      const slot = this.#slot(region, 8 * (period === 0 ? byte : modulo(byte, period)), 8);
      if (slot) result.push({ slot, index: at.index(carry) });
      else missing++;
    }
    if (missing === 0) return result;
    // Accesses that never lie inside have no slots; any other has.
    const size = region.sizeBytes;
    if (period === 0 && size !== undefined && at.residue + to > size) return undefined;
    return unsupported(
      'C0720',
      `\`${region.name}\` is looked at in ways that we cannot bring together`,
      region.members[0]!.range,
    );
  }

  /** The index counts from this byte of the slot's element. */
  #get(region: Region, slot: Slot, index: Term | undefined, now?: ReadonlyMap<SymbolTerm, Term>): Term {
    const symbol = this.variable(region, slot);
    const current = now?.get(symbol) ?? symbol;
    if (index === undefined) return current;
    return clipped(this.#t, this.#model, this.#t.apply('select', [current, index]), slot.type, slot.widthBits);
  }

  #set(
    region: Region,
    slot: Slot,
    index: Term | undefined,
    value: Term,
    when: Term | undefined,
    now: Map<SymbolTerm, Term>,
  ): void {
    const t = this.#t;
    const symbol = this.variable(region, slot);
    const current = now.get(symbol) ?? symbol;
    const fitted =
      slot.type.kind === 'integer' && slot.type.bitField && !slot.byte
        ? clipped(t, this.#model, value, slot.type, slot.widthBits)
        : value;
    if (index === undefined) {
      now.set(symbol, when ? t.ite(when, fitted, current) : fitted);
      return;
    }
    const element = when ? t.ite(when, fitted, t.apply('select', [current, index])) : fitted;
    now.set(symbol, t.apply('store', [current, index, element]));
  }

  variable(region: Region, slot: Slot): SymbolTerm {
    return region.variables[region.representation.slots.indexOf(slot)]!;
  }

  /** The slots of `sizeBytes` bytes from a byte of the object on, with their places counted from there. */
  slotsIn(region: Region, from: number, sizeBytes: number): Bits[] {
    const { period, slots } = region.representation;
    const result: Bits[] = [];
    const rounds = period === 0 ? 1 : Math.ceil(sizeBytes / period) + 1;
    const start = period === 0 ? from : modulo(from, period);
    for (let k = 0; k < rounds; k++) {
      for (const s of slots) {
        const low = s.lowBit + 8 * (k * period - start);
        if (low >= 0 && low + s.widthBits <= 8 * sizeBytes) {
          result.push({ lowBit: low, widthBits: s.widthBits, type: s.type });
        }
      }
    }
    return result;
  }

  /** The declared range of what holds such bits. */
  range(bits: Pick<Bits, 'type' | 'widthBits'>): { low: bigint; high: bigint } | undefined {
    return slotRange(this.#model, bits.type, bits.widthBits);
  }

  zero(type: AccessType): Term {
    const t = this.#t;
    if (type.kind !== 'float') return t.int(0);
    const sort = accessSort(type);
    return t.value({ kind: 'float', format: type.format, bits: 0n }, sort);
  }
}

/** Exact division: an INVARIANT of `unit`. */
function divided(form: Linear, unit: number): Linear {
  if (unit === 1) return form;
  const by = BigInt(unit);
  const check = (k: bigint): bigint => {
    if (k % by !== 0n) throw new Error('INVARIANT broken: an index does not divide by the size of the elements');
    return k / by;
  };
  return {
    constant: check(form.constant),
    parts: new Map([...form.parts].map(([term, k]) => [term, check(k)])),
  };
}
