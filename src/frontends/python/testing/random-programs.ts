/**
 * Random closed programs of the modelled subset, which end: loops are short, recursion is bounded by a parameter. They mix ints, bools and
 * None, assign in conditions, raise, catch and divide by zero; what they compute they print.
 */
import fc from 'fast-check';

type Pick = (limit: number) => number;

const names = ['a', 'b', 'c', 'd'];

class Writer {
  readonly #pick: Pick;
  readonly #lines: string[] = [];
  #indent = 0;
  #loops = 0;
  #inLoop = false;
  #inFunction = false;
  #inHandler = false;
  #functions: { name: string; parameters: number; defaults: number }[] = [];
  #fresh = 0;

  constructor(pick: Pick) {
    this.#pick = pick;
  }

  program(): string {
    if (this.#chance(3)) this.#line('class Mine(ValueError): pass');
    else this.#line('Mine = KeyError');
    for (const name of names) if (!this.#chance(12)) this.#line(`${name} = ${this.#leaf(false)}`);
    for (let i = this.#pick(4); i > 0; i -= 1) this.#function();
    for (let i = 3 + this.#pick(6); i > 0; i -= 1) this.#guarded();
    for (const name of names) {
      this.#line('try:');
      this.#line(`    print("${name}", ${name})`);
      this.#line('except NameError:');
      this.#line(`    print("no ${name}")`);
    }
    return `${this.#lines.join('\n')}\n`;
  }

  /** A module of functions and constants; the last function is asked about. */
  functions(): string {
    this.#line('class Mine(ValueError): pass');
    for (const name of names) if (!this.#chance(6)) this.#line(`${name} = ${this.#leaf(false)}`);
    for (let i = 1 + this.#pick(3); i > 0; i -= 1) this.#function(true);
    return `${this.#lines.join('\n')}\n`;
  }

  #chance(oneIn: number): boolean {
    return this.#pick(oneIn) === 0;
  }

  #one<T>(items: readonly T[]): T {
    return items[this.#pick(items.length)]!;
  }

  #line(text: string): void {
    this.#lines.push('    '.repeat(this.#indent) + text);
  }

  #indented(write: () => void): void {
    this.#indent += 1;
    write();
    this.#indent -= 1;
  }

  /** A statement of the module; most are guarded, so that the program goes on after an exception. */
  #guarded(): void {
    if (this.#chance(4)) {
      this.#statement(3);
      return;
    }
    this.#line('try:');
    this.#body(3);
    this.#line(`except ${this.#one(['Exception', 'ArithmeticError', 'NameError', '(ValueError, TypeError)'])}:`);
    this.#indented(() => this.#line(`print("caught", ${this.#pick(9)})`));
  }

  #function(pure = false): void {
    const name = `f${this.#functions.length}`;
    const parameters = this.#pick(4);
    const defaults = this.#pick(parameters + 1);
    const list = names.slice(0, parameters).map((p, i) => {
      const annotation = this.#chance(4) ? ': int' : '';
      return i < parameters - defaults ? p + annotation : `${p}${annotation}=${this.#leaf(false)}`;
    });
    this.#line(`def ${name}(${list.join(', ')}):`);
    const outer = this.#inLoop;
    this.#indented(() => {
      this.#inFunction = true;
      this.#inLoop = false;
      if (pure && parameters > 0 && this.#chance(3)) this.#line('assert isinstance(a, int)');
      const globals = names.slice(parameters).filter(() => !pure && this.#chance(3));
      if (globals.length > 0) this.#line(`global ${globals.join(', ')}`);
      for (const other of names.slice(parameters)) {
        if (!globals.includes(other) && this.#chance(2)) this.#line(`${other} = ${this.#leaf(false)}`);
      }
      if (parameters > 0 && this.#chance(4)) {
        this.#line(`if isinstance(a, int) and 0 < a <= 6: return ${name}(a - 1${', 1'.repeat(parameters - 1)})`);
      }
      this.#block(1 + this.#pick(5), 2);
      this.#inFunction = false;
    });
    this.#inLoop = outer;
    this.#functions.push({ name, parameters, defaults });
  }

  #block(length: number, depth: number): void {
    for (let i = 0; i < length; i += 1) this.#statement(depth);
  }

  #body(depth: number): void {
    this.#indented(() => this.#block(1 + this.#pick(3), depth - 1));
  }

  #statement(depth: number): void {
    const choice = this.#pick(depth > 0 ? 24 : 13);
    const name = this.#one(names);
    switch (choice) {
      case 0:
      case 1:
      case 2:
        this.#line(`${name} = ${this.#expression(3)}`);
        return;
      case 3:
        this.#line(`${name} ${this.#one(['+=', '-=', '//=', '%=', '&=', '|=', '^='])} ${this.#expression(1)}`);
        return;
      case 4:
        this.#line(`${name}, ${this.#one(names)} = ${this.#expression(2)}, ${this.#expression(2)}`);
        return;
      case 5:
        this.#line(`${name} = ${this.#one(names)} = ${this.#expression(2)}`);
        return;
      case 6:
        this.#line(`print(${this.#expression(2)}, "x", ${this.#expression(1)}${this.#chance(3) ? ', sep="-"' : ''})`);
        return;
      case 7:
        this.#line(`print(f"{${this.#leaf(true)}} and {${name}}")`);
        return;
      case 8:
        if (this.#chance(3)) this.#line(`assert ${this.#expression(2)}${this.#chance(2) ? ', "wrong"' : ''}`);
        else this.#line(`print((${this.#one(names)} := ${this.#expression(2)}))`);
        return;
      case 9:
        if (this.#inFunction) this.#line(this.#chance(5) ? 'return' : `return ${this.#expression(2)}`);
        else this.#line(`${name}: int = ${this.#expression(1)}`);
        return;
      case 10:
        if (this.#inLoop && this.#chance(2)) this.#line(this.#one(['break', 'continue']));
        else this.#line('pass');
        return;
      case 11:
        if (this.#chance(3))
          this.#line(`raise ${this.#one(['ValueError', 'Mine("m")', 'TypeError("t")', 'ZeroDivisionError'])}`);
        else this.#line(this.#inHandler && this.#chance(2) ? 'raise' : this.#call());
        return;
      case 12:
        if (this.#chance(3)) this.#line(`del ${name}`);
        else this.#line(this.#call());
        return;
      case 13:
      case 14:
      case 15:
        this.#line(`if ${this.#expression(2)}:`);
        this.#body(depth);
        if (this.#chance(3)) {
          this.#line(`elif ${this.#expression(2)}:`);
          this.#body(depth);
        }
        if (this.#chance(2)) {
          this.#line('else:');
          this.#body(depth);
        }
        return;
      case 16:
      case 17:
      case 18:
        this.#loop(depth);
        return;
      case 19:
      case 20:
      case 21:
        this.#try(depth);
        return;
      default:
        this.#line(`${name} = ${this.#expression(4)}`);
    }
  }

  #loop(depth: number): void {
    if (this.#loops >= 2) {
      this.#line('pass');
      return;
    }
    const outer = this.#inLoop;
    this.#loops += 1;
    if (this.#chance(2)) {
      const range = this.#one([
        `${this.#pick(5)}`,
        `${this.#leaf(false)}, ${this.#pick(4)}`,
        `${this.#pick(6)}, ${this.#pick(4)}, -1`,
        `0, ${this.#one(names)} & 3, ${this.#pick(4) - 1}`,
      ]);
      this.#line(`for ${this.#one(names)} in range(${range}):`);
    } else {
      const fuel = `n${this.#fresh}`;
      this.#fresh += 1;
      this.#line(`${fuel} = ${1 + this.#pick(4)}`);
      this.#line(`while ${fuel} > 0 and ${this.#expression(1)}:`);
      this.#indented(() => this.#line(`${fuel} -= 1`));
    }
    this.#inLoop = true;
    this.#body(depth);
    this.#inLoop = outer;
    if (this.#chance(3)) {
      this.#line('else:');
      this.#body(depth);
    }
    this.#loops -= 1;
  }

  #try(depth: number): void {
    this.#line('try:');
    this.#body(depth);
    const handlers = this.#pick(3);
    const classes = [
      'ZeroDivisionError',
      'NameError',
      'ValueError',
      '(TypeError, AssertionError)',
      'Exception',
      'Mine',
    ];
    const outer = this.#inHandler;
    this.#inHandler = true;
    for (let i = 0; i < handlers; i += 1) {
      const named = this.#chance(3);
      this.#line(`except ${this.#one(classes)}${named ? ` as ${this.#one(['e', 'e', 'd'])}` : ''}:`);
      this.#body(depth);
    }
    if (handlers > 0 && this.#chance(4)) {
      this.#line('except:');
      this.#body(depth);
    }
    this.#inHandler = outer;
    if (handlers > 0 && this.#chance(4)) {
      this.#line('else:');
      this.#body(depth);
    }
    if (handlers === 0 || this.#chance(4)) {
      this.#line('finally:');
      this.#body(depth);
    }
  }

  #leaf(variables: boolean): string {
    if (variables && !this.#chance(3)) return this.#one(names);
    return this.#one(['0', '1', '2', '-1', '7', '-13', '100', 'True', 'False', '3', this.#chance(4) ? 'None' : '5']);
  }

  #call(): string {
    if (this.#functions.length === 0) return this.#one(['abs(a)', 'max(a, 2, b)', 'min(1, c)', 'int(b)', 'bool(a)']);
    const { name, parameters, defaults } = this.#one(this.#functions);
    const given = parameters - this.#pick(defaults + 1);
    const args = Array.from({ length: given }, (_, i) =>
      i === given - 1 && this.#chance(4) ? `${names[i]}=${this.#expression(1)}` : this.#expression(1),
    );
    return `${name}(${args.join(', ')})`;
  }

  #expression(depth: number): string {
    if (depth <= 0) return this.#leaf(true);
    const sub = (): string => this.#expression(depth - 1);
    switch (this.#pick(22)) {
      case 0:
      case 1:
      case 2:
        return `(${sub()} ${this.#one(['+', '-'])} ${sub()})`;
      case 3:
        return `(${sub()} * ${sub()}) % 1009`;
      case 4:
      case 5:
        return `(${sub()} ${this.#one(['//', '%'])} ${sub()})`;
      case 6:
        return `(${this.#leaf(true)} ** ${this.#pick(4)} % 2003)`;
      case 7:
        return `(${sub()} ${this.#one(['&', '|', '^'])} ${sub()})`;
      case 8:
        return `(${this.#leaf(true)} ${this.#one(['<<', '>>'])} (${this.#leaf(true)} % 6${this.#chance(4) ? ' - 1' : ''}))`;
      case 9:
        return `(${this.#one(['-', '~', '+', 'not '])}(${sub()}))`;
      case 10:
      case 11:
      case 12:
        return `(${sub()} ${this.#one(['<', '<=', '>', '>=', '==', '!='])} ${sub()})`;
      case 13:
        return `(${sub()} ${this.#one(['<', '<='])} ${sub()} ${this.#one(['<', '=='])} ${sub()})`;
      case 14:
      case 15:
        return `(${sub()} ${this.#one(['and', 'or'])} ${sub()})`;
      case 16:
        return `(${sub()} if ${sub()} else ${sub()})`;
      case 17:
        return `(${this.#leaf(true)} is ${this.#one(['', 'not '])}${this.#one(['None', 'True'])})`;
      case 18:
        return `isinstance(${this.#one(names)}, ${this.#one(['int', 'bool', '(bool, str)', 'str'])})`;
      case 19:
        return `(${sub()} ${this.#one(['in', 'not in'])} (${sub()}, ${this.#leaf(true)}))`;
      case 20:
        return this.#call();
      default:
        return this.#chance(3) ? `(${this.#one(names)} := ${sub()})` : this.#leaf(true);
    }
  }
}

function picker(start: number): Pick {
  let state = start >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const seeds = (seed: number, count: number): number[] =>
  fc.sample(fc.nat({ max: 0x7fffffff }), { seed, numRuns: count });

/** `count` programs, the same for the same seed. */
export const randomPrograms = (seed: number, count: number): string[] =>
  seeds(seed, count).map((start) => new Writer(picker(start)).program());

export interface RandomCall {
  readonly text: string;
  readonly functionName: string;
  readonly args: readonly number[];
}

/** Functions, and arguments to call them with. */
export function randomCalls(seed: number, count: number): RandomCall[] {
  return seeds(seed, count).map((start) => {
    const pick = picker(start);
    const text = new Writer(pick).functions();
    const [, functionName, list] = [...text.matchAll(/def (f\d)\(([^)]*)\):/g)].at(-1)!;
    const parameters = list === '' ? 0 : list!.split(',').length;
    // Neither 0 nor 1, which a bool could be.
    const args = Array.from({ length: parameters }, () => (pick(2) === 0 ? pick(20) + 2 : -1 - pick(9)));
    return { text, functionName: functionName!, args };
  });
}
