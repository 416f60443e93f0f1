import type { Program } from '../../program/program.ts';
import { CodeWriter } from './code-writer.ts';
import type { Layout } from './layout.ts';
import { ProgramTables } from './program-tables.ts';
import { atStart, type Code, type CompileOptions, type Inputs, type State, statuses } from './protocol.ts';
import { runtime } from './runtime.ts';

/**
 * A program as one JavaScript function: variables are locals, locations are cases of one switch in a loop, and a location
 * with a single way in stands where it is reached. It does what program/interpreter.ts does, faster; the interpreter stays
 * the reference and checks whatever is claimed. The text is written from numbers alone, so no input can get into it.
 *
 * Four forms of one program: speculative or exact numbers (expression.ts), and fast or plain. Plain code has a case for
 * every location, so that it can stop after any step and go on from anywhere; fast code stops only at its own cases, with a
 * few steps left over. The runner changes between the forms.
 */
export class Compiler {
  readonly layout: Layout;
  readonly inputSlots: ReadonlySet<number>;
  readonly #tables: ProgramTables;
  readonly #code = new Map<string, Code>();

  constructor(program: Program, options: CompileOptions) {
    this.#tables = new ProgramTables(program, options);
    this.layout = this.#tables.layout;
    this.inputSlots = this.#tables.inputSlots;
  }

  /** Whether speculative code would differ from exact code: some integer is not known to fit in 53 bits. */
  get speculates(): boolean {
    return this.layout.slots.some((s) => s.sort.kind === 'int' && this.layout.representation(s, false) === 'bigint');
  }

  /** Throws CompileLimit when the code gets too long, and what `new Function` throws where it is forbidden. */
  compile(form: { readonly speculative: boolean; readonly plain: boolean }): Code {
    const key = `${form.speculative}/${form.plain}`;
    const known = this.#code.get(key);
    if (known) return known;
    const { text, constants } = new CodeWriter(this.#tables, form).write();
    const make = new Function('R', 'K', text) as (
      r: typeof runtime,
      k: readonly unknown[],
    ) => (s: State, i: Inputs) => number;
    const run = make(runtime, constants);
    const code: Code = (state, inputs) => statuses[run(state, inputs)]!;
    this.#code.set(key, code);
    return code;
  }

  newState(): State {
    const n = this.layout.slots.length;
    return {
      numbers: new Float64Array(2 * n),
      others: new Array(2 * n).fill(undefined),
      frames: [],
      at: atStart,
      steps: 0,
      fuel: 0,
      depth: 0,
      runs: 0,
      hit: -1,
      why: '',
      reported: false,
      keptAt: -1,
      keptStep: 0,
      power: 1,
      lap: 1,
      covered: new Uint8Array(this.#tables.edgeNumber.size),
    };
  }
}
