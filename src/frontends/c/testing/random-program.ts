/**
 * Random scalar C programs for differential testing: every integer type, every operator, side effects, all control structures,
 * helper functions, globals, structures with bit-fields. Each program is one function of fixed signature that prints as it goes
 * and returns an int. Loops run on fuel, so every program ends. Undefined behaviour is rare but allowed: our checks must report it
 * exactly when the sanitizer does. One grammar, hence one long file.
 */
export interface RandomProgram {
  readonly name: string;
  readonly text: string;
}

/** A small deterministic generator (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  chance(p: number): boolean {
    return this.next() < p;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

export const parameterTypes = [
  'int',
  'unsigned int',
  'signed char',
  'unsigned short',
  'long',
  'unsigned long long',
  '_Bool',
] as const;

const types = [
  'int',
  'int',
  'int',
  'unsigned',
  'unsigned',
  'char',
  'signed char',
  'unsigned char',
  'short',
  'unsigned short',
  'long',
  'unsigned long',
  'long long',
  'unsigned long long',
  '_Bool',
] as const;

const edgeConstants = [
  '0',
  '1',
  '2',
  '3',
  '5',
  '7',
  '10',
  '-1',
  '-2',
  '-7',
  '127',
  '128',
  '255',
  '256',
  '-128',
  '32767',
  '-32768',
  '65535',
  '65536',
  '2147483647',
  '(-2147483647 - 1)',
  '4294967295u',
  '0x80000000',
  '1000000007',
  '9223372036854775807L',
  '18446744073709551615UL',
  "'a'",
  "'\\n'",
  "'\\377'",
  '1L',
  '3u',
  '12ull',
  '077',
  '0xff',
  'sizeof(int)',
  'sizeof(char)',
  'EA',
  'EB',
  'EC',
] as const;

interface Scope {
  readonly variables: string[];
}

class Generator {
  readonly #r: Random;
  readonly #id: string;
  #next = 0;
  #scopes: Scope[] = [];
  #globals: string[] = [];
  #helpers: { name: string; arity: number }[] = [];
  #lines: string[] = [];
  #indent = '  ';
  #loops = 0;
  #labels = 0;
  #size = 0;
  /** What the full expression at hand may still change. */
  #targets: string[] = [];
  #hidden: ReadonlySet<string> = new Set();
  /** A helper is called in it already. */
  #called = false;

  constructor(random: Random, id: string) {
    this.#r = random;
    this.#id = id;
  }

  program(): RandomProgram {
    const id = this.#id;
    const out: string[] = [`enum ${id}_e { ${id}_A = -3, ${id}_B = 4, ${id}_C };`];
    out.push(
      `struct ${id}_s { int i; unsigned u3 : 3; int s5 : 5; unsigned char c; struct { short x; _Bool b : 1; } in; };`,
    );
    for (let i = 0; i < 3; i++) {
      const name = `${id}_g${i}`;
      this.#globals.push(name);
      out.push(`static ${this.#r.pick(types)} ${name} = ${this.#r.below(100)};`);
    }
    out.push(`static struct ${id}_s ${id}_gs;`);
    for (let i = this.#r.below(3); i > 0; i--) out.push(this.#helper());
    out.push(this.#main());
    return { name: `${id}_main`, text: out.join('\n').replace(/\bE([ABC])\b/g, `${id}_$1`) };
  }

  #helper(): string {
    const name = `${this.#id}_h${this.#helpers.length}`;
    const arity = 1 + this.#r.below(3);
    const parameters = Array.from({ length: arity }, (_, i) => `${this.#r.pick(types)} p${i}`);
    this.#begin(parameters.map((p) => p.split(' ').at(-1)!));
    const recursive = this.#r.chance(0.3);
    if (recursive) {
      this.#line('if (depth <= 0) return 1;');
      this.#helpers.push({ name: `${name}:depth - 1`, arity });
    }
    const touches = this.#r.chance(0.25);
    const globals = this.#globals;
    if (!touches) this.#globals = [];
    this.#statements(2 + this.#r.below(3));
    this.#globals = globals;
    this.#line(this.#full(() => `return ${this.#expression(2)};`));
    if (recursive) this.#helpers.pop();
    const body = this.#end();
    const result = `static ${this.#r.pick(types)} ${name}(int depth, ${parameters.join(', ')}) {\n${body}\n}`;
    this.#helpers.push({ name: `${name}:${1 + this.#r.below(3)}`, arity });
    return result;
  }

  #main(): string {
    const id = this.#id;
    const parameters = parameterTypes.map((type, i) => `${type} a${i}`);
    this.#begin(parameters.map((p) => p.split(' ').at(-1)!));
    for (const [i, g] of this.#globals.entries()) this.#line(`${g} = ${i + 1};`);
    this.#line(
      `${id}_gs.i = a0; ${id}_gs.u3 = a1; ${id}_gs.s5 = a2; ${id}_gs.c = a3; ${id}_gs.in.x = a4; ${id}_gs.in.b = a6;`,
    );
    if (this.#r.chance(0.5)) {
      this.#line(`struct ${id}_s ls = { .u3 = ${this.#r.below(8)}, .in = { ${this.#r.below(300)}, 1 }, .i = a0 };`);
      this.#scopes.at(-1)!.variables.push('ls.i', 'ls.u3', 'ls.s5', 'ls.c', 'ls.in.x', 'ls.in.b');
    }
    this.#statements(4 + this.#r.below(8));
    this.#line(this.#full(() => `return ${this.#expression(3)};`));
    return `int ${id}_main(${parameters.join(', ')}) {\n${this.#end()}\n}`;
  }

  #begin(variables: string[]): void {
    this.#lines = ['  int fuel = 40, w = 0;'];
    this.#scopes = [{ variables: [...variables] }];
    this.#size = 0;
  }

  #end(): string {
    return this.#lines.join('\n');
  }

  #line(text: string): void {
    this.#lines.push(this.#indent + text);
  }

  #fresh(prefix: string): string {
    return `${prefix}${this.#next++}`;
  }

  /** Everything that can be read. */
  #readable(): string[] {
    const id = this.#id;
    const own = this.#scopes.flatMap((s) => s.variables);
    const shared =
      this.#globals.length > 0 ? [...this.#globals, `${id}_gs.i`, `${id}_gs.u3`, `${id}_gs.s5`, `${id}_gs.in.b`] : [];
    return [...own, ...shared].filter((v) => !this.#hidden.has(v));
  }

  #writable(): string {
    const all = this.#readable();
    return all.length === 0 ? 'w' : this.#r.pick(all);
  }

  /**
   * One full expression: two variables are set aside to be changed in it, each once at most, and nothing else in it reads them;
   * so its effects are sequenced. `changed` is what the expression assigns to at the end anyway.
   */
  #full(make: () => string, changed?: string): string {
    const saved = { scopes: this.#scopes, globals: this.#globals, targets: this.#targets };
    const candidates = this.#readable().filter((v) => v !== changed);
    const targets = this.#r.chance(0.5) ? [] : [this.#r.pick([...candidates, 'w']), this.#r.pick([...candidates, 'w'])];
    this.#targets = [...new Set(targets)];
    // A structure's members are set aside one by one; they do not overlap.
    this.#scopes = this.#scopes.map((s) => ({ variables: s.variables.filter((v) => !this.#targets.includes(v)) }));
    this.#globals = this.#globals.filter((v) => !this.#targets.includes(v));
    this.#hidden = new Set(this.#targets);
    this.#called = false;
    const text = make();
    this.#scopes = saved.scopes;
    this.#globals = saved.globals;
    this.#targets = saved.targets;
    this.#hidden = new Set();
    return text;
  }

  #statements(count: number): void {
    for (let i = 0; i < count && this.#size < 60; i++) this.#statement();
  }

  #block(count: number): void {
    const indent = this.#indent;
    this.#indent += '  ';
    this.#scopes.push({ variables: [] });
    this.#statements(count);
    this.#scopes.pop();
    this.#indent = indent;
  }

  #statement(): void {
    this.#size++;
    const r = this.#r;
    const deep = this.#indent.length > 8;
    switch (r.below(deep ? 8 : 17)) {
      case 0:
      case 1: {
        const name = r.chance(0.15)
          ? r.pick(this.#scopes[0]!.variables.filter((v) => !v.includes('.')))
          : this.#fresh('v');
        const here = this.#scopes.at(-1)!;
        // Shadowing: the initialiser is outside of the new variable's reach only by name, so it must not use it.
        if (here.variables.includes(name) || (this.#scopes.length === 1 && this.#scopes[0]!.variables.includes(name)))
          return;
        const saved = this.#scopes;
        this.#scopes = this.#scopes.map((s) => ({ variables: s.variables.filter((v) => v !== name) }));
        const value = this.#full(() => this.#expression(3));
        this.#scopes = saved;
        this.#line(`${r.pick(types)} ${name} = ${value};`);
        here.variables.push(name);
        return;
      }
      case 2:
      case 3:
        this.#assignment((target) => `${target} = ${this.#expression(3)};`);
        return;
      case 4:
        this.#assignment(
          (target) => `${target} ${r.pick(['+=', '-=', '*=', '&=', '|=', '^='])} ${this.#expression(2)};`,
        );
        return;
      case 5:
        if (r.chance(0.5)) this.#line(`${this.#writable()} ${r.pick(['/=', '%='])} ${this.#divisor()};`);
        else this.#line(`${this.#writable()} ${r.pick(['<<=', '>>='])} ${this.#count()};`);
        return;
      case 6:
        this.#line(
          r.pick([
            `${this.#writable()}++;`,
            `--${this.#writable()};`,
            `${this.#writable()}--;`,
            `++${this.#writable()};`,
          ]),
        );
        return;
      case 7:
        this.#line(
          this.#full(
            () =>
              `printf("%lld %d %llu\\n", (long long)(${this.#expression(2)}), (int)${this.#atom()}, (unsigned long long)${this.#atom()});`,
          ),
        );
        return;
      case 8:
      case 9:
        this.#line(this.#full(() => `if (${this.#condition(2)}) {`));
        this.#block(1 + r.below(3));
        if (r.chance(0.5)) {
          this.#line('} else {');
          this.#block(1 + r.below(2));
        }
        this.#line('}');
        return;
      case 10:
        this.#loop(() => {
          this.#line(this.#full(() => `while (fuel-- > 0 && ${this.#condition(2)}) {`));
          this.#block(1 + r.below(3));
          this.#line('}');
        });
        return;
      case 11:
        this.#loop(() => {
          this.#line('do {');
          this.#block(1 + r.below(3));
          this.#line(this.#full(() => `} while (${this.#condition(1)} && --fuel > 0);`));
        });
        return;
      case 12: {
        const i = this.#fresh('i');
        this.#loop(() => {
          this.#line(
            `for (${r.pick(types)} ${i} = ${r.below(5)}; ${i} < ${1 + r.below(9)} && fuel > 0; ${i}++, fuel--) {`,
          );
          this.#scopes.push({ variables: [] });
          const indent = this.#indent;
          this.#indent += '  ';
          this.#line(`printf("%d ", (int)${i});`);
          this.#indent = indent;
          this.#block(1 + r.below(3));
          this.#scopes.pop();
          this.#line('}');
        });
        return;
      }
      case 13:
        this.#switch();
        return;
      case 14:
        if (this.#loops > 0) this.#line(`if (${this.#condition(1)}) ${r.pick(['break', 'continue'])};`);
        else this.#line(`if (${this.#condition(1)}) return ${this.#expression(1)};`);
        return;
      case 15: {
        const label = `L${this.#id}_${this.#labels++}`;
        if (r.chance(0.5)) {
          this.#line(`if (${this.#condition(1)}) goto ${label};`);
          this.#line('{');
          this.#block(2);
          this.#line('}');
          this.#line(`${label}: ;`);
        } else {
          this.#line(`${label}: ;`);
          this.#line('{');
          this.#block(1 + r.below(2));
          this.#line('}');
          this.#line(`if (fuel-- > 0 && ${this.#condition(1)}) goto ${label};`);
        }
        return;
      }
      default:
        if (r.chance(0.3)) this.#line(`if (${this.#condition(2)}) exit(${this.#atom()} & 63);`);
        else if (r.chance(0.5))
          this.#line(`assert(${this.#condition(1)} || ${this.#condition(1)} || ${this.#condition(1)});`);
        else this.#line(this.#full(() => `${this.#expression(2)};`));
    }
  }

  #assignment(make: (target: string) => string): void {
    const target = this.#writable();
    this.#line(this.#full(() => make(target), target));
  }

  #loop(body: () => void): void {
    this.#loops++;
    body();
    this.#loops--;
  }

  #switch(): void {
    const r = this.#r;
    this.#line(this.#full(() => `switch (${this.#expression(2)} ${r.chance(0.6) ? '& 7' : ''}) {`));
    const labels = [0, 1, 2, 3, 4, 5, 6, 7, -1, 100].sort(() => r.next() - 0.5).slice(0, 2 + r.below(4));
    let fallback = r.chance(0.6);
    for (const label of labels) {
      if (fallback && r.chance(0.3)) {
        this.#line('default:');
        fallback = false;
      }
      this.#line(r.chance(0.2) && label === 4 && !labels.includes(5) ? 'case 4 ... 5: {' : `case ${label}: {`);
      this.#block(1 + r.below(2));
      this.#line(r.chance(0.7) ? 'break; }' : '}');
    }
    if (fallback) {
      this.#line('default: {');
      this.#block(1);
      this.#line('}');
    }
    this.#line('}');
  }

  #atom(): string {
    const all = this.#readable();
    return all.length > 0 && this.#r.chance(0.75) ? this.#r.pick(all) : this.#constant();
  }

  #constant(): string {
    return this.#r.chance(0.3)
      ? this.#r.pick(edgeConstants)
      : String(this.#r.below(20) - 4).replace(/^-(.*)$/, '(-$1)');
  }

  #count(): string {
    return this.#r.chance(0.9) ? `(${this.#atom()} & ${this.#r.pick([3, 7, 15])})` : this.#atom();
  }

  #divisor(): string {
    return this.#r.chance(0.9) ? `(${this.#atom()} | 1)` : this.#atom();
  }

  #condition(depth: number): string {
    const r = this.#r;
    if (depth <= 0 || r.chance(0.3)) {
      return `(${this.#expression(1)} ${r.pick(['<', '>', '<=', '>=', '==', '!='])} ${this.#expression(1)})`;
    }
    switch (r.below(4)) {
      case 0:
        return `(${this.#condition(depth - 1)} && ${this.#condition(depth - 1)})`;
      case 1:
        return `(${this.#condition(depth - 1)} || ${this.#condition(depth - 1)})`;
      case 2:
        return `!${this.#condition(depth - 1)}`;
      default:
        return `(${this.#expression(2)})`;
    }
  }

  #expression(depth: number): string {
    const r = this.#r;
    if (depth <= 0 || r.chance(0.15)) return this.#atom();
    const sub = (): string => this.#expression(depth - 1);
    switch (r.below(20)) {
      case 0:
      case 1:
      case 2:
        return `(${sub()} + ${sub()})`;
      case 3:
      case 4:
        return `(${sub()} - ${sub()})`;
      case 5:
        return `(${sub()} * ${this.#constant()})`;
      case 6:
        return `(${sub()} ${r.pick(['/', '%'])} ${this.#divisor()})`;
      case 7:
      case 8:
        return `(${sub()} ${r.pick(['&', '|', '^'])} ${sub()})`;
      case 9:
        return `(${sub()} >> ${this.#count()})`;
      case 10:
        return r.chance(0.7) ? `((${sub()} & 255) << ${this.#count()})` : `(${sub()} << ${this.#count()})`;
      case 11:
        return `(${r.pick(['-', '~', '!', '+'])}(${this.#atom()}))`;
      case 12:
        return `((${r.pick(types)})${sub()})`;
      case 13:
        return `(${this.#condition(1)} ? ${sub()} : ${sub()})`;
      case 14:
        return this.#condition(2);
      case 15:
      case 16: {
        const target = this.#targets.pop();
        if (target === undefined) return sub();
        return r.pick([
          `(${target} = ${this.#atom()})`,
          `(${target} += ${this.#atom()})`,
          `(${target}++)`,
          `(--${target})`,
          `(${target} = ${this.#atom()}, ${target} + ${this.#atom()})`,
          `(${this.#condition(0)} && (${target}++ > 3))`,
          `(${this.#condition(0)} || (${target} ^= 1))`,
          `(${this.#condition(0)} ? ${target}-- : (${target} = 2))`,
          `({ int q = ${this.#atom()}; q = q ^ 5; ${target} = q; q; })`,
        ]);
      }
      case 17:
      case 18: {
        // A second call in one expression would often leave the order open.
        const helper = this.#helpers.length > 0 && (!this.#called || r.chance(0.1)) ? r.pick(this.#helpers) : undefined;
        if (!helper) return sub();
        this.#called = true;
        const [name, depthArgument] = helper.name.split(':');
        return `${name}(${depthArgument}, ${Array.from({ length: helper.arity }, () => this.#atom()).join(', ')})`;
      }
      default:
        return `(${this.#condition(0)} || ${this.#condition(0)}) + ${this.#atom()}`.replace(/^(.*)$/, '($1)');
    }
  }
}

/** The program of a seed; `id` makes its names unique, so that many fit into one translation unit. */
export function randomProgram(seed: number, id: string): RandomProgram {
  return new Generator(new Random(seed), id).program();
}

/** The arguments of one run. */
export function randomArguments(seed: number): bigint[] {
  const r = new Random(seed ^ 0x5bd1e995);
  const bits = [32, 32, 8, 16, 64, 64, 1];
  const signed = [true, false, true, false, true, false, false];
  return bits.map((width, i) => {
    const w = BigInt(width);
    const limit = 1n << w;
    const any = (): bigint => {
      let value = 0n;
      for (let k = 0; k < 3; k++) value = (value << 30n) | BigInt(r.below(1 << 30));
      return value % limit;
    };
    const raw = r.chance(0.6)
      ? BigInt(r.below(20) - 5)
      : r.chance(0.4)
        ? r.pick([0n, 1n, limit - 1n, limit / 2n, limit / 2n - 1n])
        : any();
    return signed[i] ? BigInt.asIntN(width, raw) : BigInt.asUintN(width, raw);
  });
}
