import { defaultInRange } from '../../program/interpreter.ts';
import type { SymbolTerm } from '../../terms/term.ts';
import type { FloatValue, Value } from '../../terms/value.ts';
import { floatLiteral } from './float-code.ts';
import { fits, isInt32, isNumeric, isUint32, type Layout, type Representation } from './layout.ts';
import { CompileLimit } from './protocol.ts';
import type { Constants, Names } from './term-facts.ts';

/** The code that reads, fills and stores the variables of a program, each in its slot and representation. */
export class SlotCode {
  readonly #layout: Layout;
  readonly #constants: Constants;
  readonly #speculative: boolean;

  constructor(layout: Layout, constants: Constants, speculative: boolean) {
    this.#layout = layout;
    this.#constants = constants;
    this.#speculative = speculative;
  }

  isNumber(symbol: SymbolTerm): boolean {
    return isNumeric(this.#layout.representation(symbol, this.#speculative));
  }

  /** Loading says which numbers are 32-bit, so that the machine code keeps them in integer registers. */
  load(symbol: SymbolTerm, index: number): string {
    switch (this.#layout.representation(symbol, this.#speculative)) {
      case 'number': {
        const range = this.#layout.range(symbol) ?? {};
        return isInt32(range) ? `N[${index}] | 0` : isUint32(range) ? `N[${index}] >>> 0` : `N[${index}]`;
      }
      case 'bigint':
        return `O[${index}] ?? 0n`;
      case 'boolean':
        return `O[${index}] ?? false`;
      case 'float32':
        return `fround(N[${index}])`;
      case 'float64':
        return `N[${index}]`;
      case 'value':
        return `O[${index}]`;
    }
  }

  readonly names: Names = (symbol) => {
    const slot = this.#layout.slot(symbol);
    if (slot === undefined) throw new CompileLimit(`${symbol.name} is not a variable of the program`);
    return { js: `v${slot}`, representation: this.#layout.representation(symbol, this.#speculative) };
  };

  /** A Value as a literal or constant in a representation; undefined if the number form cannot hold it. */
  #constant(value: Value, representation: Representation): string {
    switch (representation) {
      case 'number':
        if (typeof value === 'bigint' && !fits({ low: value, high: value }, -(2n ** 53n) + 1n, 2n ** 53n - 1n)) {
          return `narrow(${value}n)`;
        }
        return String(value);
      case 'bigint':
        return `${value}n`;
      case 'boolean':
        return String(value);
      case 'float32':
      case 'float64':
        return floatLiteral(value as FloatValue).js;
      case 'value':
        return this.#constants.add(value);
    }
  }

  default(symbol: SymbolTerm): string {
    return this.#constant(
      defaultInRange(this.#layout.program, symbol),
      this.#layout.representation(symbol, this.#speculative),
    );
  }

  /** An input for a slot, in the slot's representation. */
  input(slot: number): string {
    const symbol = this.#layout.slots[slot]!;
    const next = `H.next(${slot})`;
    switch (this.#layout.representation(symbol, this.#speculative)) {
      case 'number':
        return this.#layout.representation(symbol, false) === 'number' ? next : `narrow(${next})`;
      case 'bigint':
        return `BigInt(${next})`;
      case 'float32':
      case 'float64':
        return `floatToNumber(${next})`;
      default:
        return next;
    }
  }
}
