import type { Program, Step } from '../../../../program/program.ts';
import { outgoing } from '../../../../program/program.ts';
import { operators } from '../../../../terms/operator.ts';
import type { SymbolTerm, Term } from '../../../../terms/term.ts';
import { bitsToFloat, defaultValue, type FloatValue, type Value } from '../../../../terms/value.ts';
import { type AccessType, accessSize, type Memory, type MemoryRole } from '../operations.ts';

/**
 * Runs memory programs on bytes, as a machine does: the reference that resolution is compared with. Bytes and variables
 * that nothing was stored to are 0; allocation always succeeds; main only, edges in order.
 */
interface Block {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  alive: boolean;
  readonly how: 'declared' | 'malloc' | 'alloca';
  readonly readOnly: boolean;
  readonly aliveSymbol: SymbolTerm | undefined;
}

export interface ByteRun {
  readonly outcome: string;
  readonly printed: readonly string[];
}

export class ByteMachine {
  readonly #program: Program;
  readonly #memory: Memory;
  readonly #blocks: Block[] = [];
  readonly #values = new Map<SymbolTerm, Value>();
  #next = 0x10000n;

  constructor(program: Program, memory: Memory) {
    this.#program = program;
    this.#memory = memory;
    for (const [base, o] of memory.objects) {
      const size = o.kind === 'function' ? 0 : o.sizeBytes!;
      const block = this.#place(size, 'declared', o.readOnly, o.alive);
      this.#values.set(base, block.address);
    }
  }

  #place(size: number, how: Block['how'], readOnly: boolean, aliveSymbol: SymbolTerm | undefined): Block {
    const block = { address: this.#next, bytes: new Uint8Array(size), alive: true, how, readOnly, aliveSymbol };
    this.#blocks.push(block);
    this.#next += BigInt(size) + 1_000_000n;
    return block;
  }

  run(stepLimit: number): ByteRun {
    const main = this.#program.procedures.get(this.#program.main)!;
    const edges = outgoing(main);
    const printed: string[] = [];
    let at = main.entry;
    for (let steps = 0; steps <= stepLimit; steps++) {
      for (const c of this.#program.checks) {
        if (c.at === at && this.evaluate(c.property) === false) return { outcome: `check ${c.text}`, printed };
      }
      for (const e of this.#program.events) {
        if (e.at === at) printed.push(e.args.map((a) => String(this.evaluate(a))).join(' '));
      }
      const out = edges.get(at)!;
      if (out.length === 0) return { outcome: 'ended', printed };
      const next = out.find((e) => this.#carryOut(e.steps));
      if (!next) return { outcome: 'blocked', printed };
      at = next.to;
    }
    return { outcome: 'out-of-steps', printed };
  }

  /** requires: an assume comes before anything that changes the state. */
  #carryOut(steps: readonly Step[]): boolean {
    for (const step of steps) {
      if (step.kind === 'assume') {
        if (this.evaluate(step.condition) === false) return false;
      } else if (step.kind === 'havoc') this.#values.set(step.target, defaultValue(step.target.sort));
      else if (step.kind === 'assign') this.#assign(step);
      else throw new Error('no calls here');
    }
    return true;
  }

  #assign(step: Extract<Step, { kind: 'assign' }>): void {
    const made = this.#memory.matchSelect(step.value);
    if (made?.role.kind === 'allocate') {
      const size = Number(this.evaluate(made.indices[0]!));
      const how = made.role.site.how === 'alloca' ? 'alloca' : 'malloc';
      this.#values.set(step.target, this.#place(size, how, false, made.role.site.alive).address);
      return;
    }
    const store = this.#memory.matchStore(step);
    if (!store) {
      this.#values.set(step.target, this.evaluate(step.value));
      if (step.value === this.#program.terms.true) this.#born(step.target);
      return;
    }
    const { role, indices, value } = store;
    switch (role.kind) {
      case 'cell': {
        const address = this.#address(indices, role.subscripts);
        this.#write(address, role.type, this.evaluate(value));
        return;
      }
      case 'free': {
        const block = this.#blocks.find((b) => b.address === this.evaluate(indices[0]!));
        if (block) block.alive = false;
        return;
      }
      case 'fill': {
        const block = this.#blocks.find((b) => b.address === this.evaluate(indices[0]!));
        block?.bytes.fill(0);
        return;
      }
      case 'copy-object': {
        const to = this.#blocks.find((b) => b.address === this.evaluate(indices[0]!))!;
        const from = this.#blocks.find((b) => b.address === this.evaluate(value))!;
        to.bytes.set(from.bytes.subarray(0, Math.min(from.bytes.length, to.bytes.length)));
        return;
      }
      case 'copy': {
        const to = this.evaluate(indices[0]!) as bigint;
        const from = this.evaluate(value) as bigint;
        const bytes: number[] = [];
        for (let i = 0n; i < BigInt(role.sizeBytes); i++) bytes.push(this.#byte(from + i));
        for (const [i, b] of bytes.entries()) this.#setByte(to + BigInt(i), b);
        return;
      }
      default:
        throw new Error(role.kind);
    }
  }

  /** A scope is entered: its objects are other ones than before. */
  #born(alive: SymbolTerm): void {
    for (const [base, o] of this.#memory.objects) {
      if (o.alive !== alive) continue;
      const old = this.#blocks.find((b) => b.address === this.#values.get(base));
      if (old) old.alive = false;
      this.#values.set(base, this.#place(o.sizeBytes!, 'declared', o.readOnly, alive).address);
    }
  }

  #address(indices: readonly Term[], subscripts: readonly { strideBytes: number }[]): bigint {
    let address = this.evaluate(indices[0]!) as bigint;
    subscripts.forEach((s, i) => {
      address += BigInt(s.strideBytes) * (this.evaluate(indices[i + 1]!) as bigint);
    });
    return address;
  }

  #block(address: bigint): Block | undefined {
    return this.#blocks.find((b) => b.address <= address && address <= b.address + BigInt(b.bytes.length));
  }

  #live(b: Block): boolean {
    return b.alive && (!b.aliveSymbol || this.#values.get(b.aliveSymbol) === true);
  }

  #inside(address: bigint, size: bigint, write: boolean): boolean {
    const b = this.#block(address);
    if (!b || !this.#live(b) || (write && b.readOnly) || size < 0n) return false;
    return address + size <= b.address + BigInt(b.bytes.length);
  }

  #byte(address: bigint): number {
    const b = this.#block(address)!;
    return b.bytes[Number(address - b.address)]!;
  }

  #setByte(address: bigint, value: number): void {
    const b = this.#block(address)!;
    b.bytes[Number(address - b.address)] = value;
  }

  #bits(address: bigint, bytes: number): bigint {
    let bits = 0n;
    for (let i = bytes - 1; i >= 0; i--) bits = (bits << 8n) | BigInt(this.#byte(address + BigInt(i)));
    return bits;
  }

  #read(address: bigint, type: AccessType): Value {
    const bits = this.#bits(address, accessSize(type));
    if (type.kind === 'pointer') return bits;
    if (type.kind === 'float') return bitsToFloat(bits, type.format);
    const { bitField } = type;
    const width = bitField ? bitField.widthBits : type.type.size * 8;
    const field = BigInt.asUintN(width, bitField ? bits >> BigInt(bitField.offsetBits) : bits);
    if (type.type.name === '_Bool') return field === 0n ? 0n : 1n;
    return type.type.signed ? BigInt.asIntN(width, field) : field;
  }

  #write(address: bigint, type: AccessType, value: Value): void {
    const size = accessSize(type);
    let bits = type.kind === 'float' ? (value as FloatValue).bits : BigInt.asUintN(8 * size, value as bigint);
    if (type.kind === 'integer' && type.bitField) {
      const { offsetBits, widthBits } = type.bitField;
      const mask = ((1n << BigInt(widthBits)) - 1n) << BigInt(offsetBits);
      bits =
        (this.#bits(address, size) & ~mask) |
        ((BigInt.asUintN(widthBits, value as bigint) << BigInt(offsetBits)) & mask);
    }
    for (let i = 0; i < size; i++) this.#setByte(address + BigInt(i), Number((bits >> BigInt(8 * i)) & 0xffn));
  }

  evaluate(term: Term): Value {
    if (term.kind === 'value') return term.value;
    if (term.kind === 'symbol') return this.#values.get(term) ?? defaultValue(term.sort);
    if (term.kind !== 'apply') throw new Error('no quantifiers here');
    const made = this.#memory.matchSelect(term);
    if (made) return this.#query(made.role, made.indices);
    if (term.op === 'ite') return this.evaluate(term.args[this.evaluate(term.args[0]!) ? 1 : 2]!);
    if (term.op === 'implies') return !this.evaluate(term.args[0]!) || this.evaluate(term.args[1]!);
    return operators[term.op].evaluate(
      term.args.map((a) => this.evaluate(a)),
      term.index,
    );
  }

  #query(role: MemoryRole, indices: readonly Term[]): Value {
    const arg = (i: number): bigint => this.evaluate(indices[i]!) as bigint;
    switch (role.kind) {
      case 'cell': {
        const address = this.#address(indices, role.subscripts);
        return this.#read(address, role.type);
      }
      case 'valid': {
        const counted = role.subscripts.every(
          (s, i) => s.count === undefined || (arg(i + 1) >= 0n && arg(i + 1) < s.count),
        );
        return counted && this.#inside(this.#address(indices, role.subscripts), BigInt(role.sizeBytes), role.write);
      }
      case 'valid-range':
        return this.#inside(arg(0), arg(1), role.write);
      case 'same-object': {
        if (indices[0] === indices[1] || (arg(0) === 0n && arg(1) === 0n)) return true;
        const a = this.#block(arg(0));
        return a !== undefined && a === this.#block(arg(1));
      }
      case 'freeable': {
        const b = this.#blocks.find((x) => x.address === arg(0));
        return arg(0) === 0n || (b?.alive === true && b.how === 'malloc');
      }
      case 'offset-of':
        return arg(0) - this.#block(arg(0))!.address;
      case 'size-of':
        return BigInt(this.#block(arg(0))!.bytes.length);
      case 'is-dynamic':
        return this.#block(arg(0))?.how === 'malloc';
      case 'is-live': {
        const b = this.#block(arg(0));
        return b !== undefined && this.#live(b);
      }
      case 'nothing-leaks':
        return this.#blocks.every((b) => b.how !== 'malloc' || !b.alive);
      default:
        throw new Error(role.kind);
    }
  }
}
