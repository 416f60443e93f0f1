import { Random, type RandomProgram } from './random-program.ts';

/**
 * Random programs that compute with floats and doubles: every value that they make is printed exactly. Conversions to
 * integers stand behind a test that the value fits; the sign of a NaN is never looked at.
 */
export function randomFloatProgram(seed: number, name: string): RandomProgram {
  return { name, text: new Writer(seed).program(name) };
}

type Type = 'double' | 'float';

const literals = [
  '0.0',
  '-0.0',
  '1.0',
  '0.1',
  '0.1f',
  '2.5',
  '-2.5',
  '3.75f',
  '1e10',
  '1e300',
  '1e-310',
  '3e38f',
  '1e-40f',
  '0x1p-1074',
  '0x1.fffffep127f',
  '0x1.8p-3',
  '16777217.0',
  '9007199254740993.0',
  '1e999',
  'NAN',
  'INFINITY',
  '-INFINITY',
  '123456.789',
];

class Writer {
  readonly #random: Random;
  readonly #variables: Readonly<Record<Type, readonly string[]>> = {
    double: ['d0', 'd1', 'd2'],
    float: ['f0', 'f1', 'f2'],
  };
  #loops = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  #below(n: number): number {
    return this.#random.below(n);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)]!;
  }

  program(name: string): string {
    const lines = [
      `static float half_${name}(float x, double y) { return x * 0.5f + y; }`,
      `int ${name}(int a, unsigned b, signed char c, unsigned short d, long e, unsigned long long g, _Bool h) {`,
      `  double d0 = ${this.#pick(literals)}, d1 = a * 0.1, d2 = ${this.#pick(literals)};`,
      `  float f0 = ${this.#pick(literals)}, f1 = b / 3.0f, f2 = ${this.#pick(literals)};`,
      '  int n = 0;',
    ];
    for (let i = 3 + this.#below(8); i > 0; i--) lines.push(...this.#statement(2).map((l) => `  ${l}`));
    lines.push(
      '  printf("%.17g %.17g %.17g\\n", d0, d1, d2);',
      '  printf("%.17g %.17g %.17g %d\\n", f0, f1, f2, n);',
      '  return n;',
      '}',
    );
    return lines.join('\n').replaceAll('half(', `half_${name}(`);
  }

  #statement(depth: number): string[] {
    const type = this.#pick<Type>(['double', 'float']);
    const target = this.#pick(this.#variables[type]);
    const kind = this.#below(depth > 0 ? 12 : 7);
    if (kind < 4) return [`${target} = ${this.#value(3)};`];
    if (kind === 4) return [`${target} ${this.#pick(['+=', '-=', '*=', '/='])} ${this.#value(2)};`];
    if (kind === 5) return [`${this.#pick(['++', '--'])}${target};`];
    if (kind === 6) return [`n = ${this.#integer(2)};`];
    if (kind < 10) {
      const inner = this.#statement(depth - 1).map((l) => `  ${l}`);
      const other = this.#statement(depth - 1).map((l) => `  ${l}`);
      return [`if (${this.#condition(2)}) {`, ...inner, '} else {', ...other, '}'];
    }
    const counter = `i${this.#loops++}`;
    const inner = this.#statement(depth - 1).map((l) => `  ${l}`);
    return [
      `for (int ${counter} = 0; ${counter} < ${1 + this.#below(4)} && ${this.#condition(1)}; ${counter}++) {`,
      ...inner,
      '}',
    ];
  }

  #value(depth: number): string {
    if (depth === 0 || this.#below(6) === 0) {
      return this.#pick([
        ...literals,
        ...this.#variables.double,
        ...this.#variables.double,
        ...this.#variables.float,
        ...this.#variables.float,
        'a',
        '(float)c',
        'd * 0.25',
        '(double)e',
        '(float)e',
        '(float)b',
        '(float)g',
        '(double)g',
        'h',
      ]);
    }
    const v = (): string => this.#value(depth - 1);
    switch (this.#below(12)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return `(${v()} ${this.#pick(['+', '-', '*', '/'])} ${v()})`;
      case 4:
        return `-(${v()})`;
      case 5:
        return `(float)(${v()})`;
      case 6:
        return `(${this.#condition(depth - 1)} ? ${v()} : ${v()})`;
      case 7:
      case 8:
        return `${this.#pick(['fabs', 'sqrt', 'floor', 'ceil', 'trunc', 'round', 'rint', 'nearbyint', 'fabsf', 'sqrtf', 'floorf', 'rintf'])}(${v()})`;
      case 9:
        return `${this.#pick(['fmod', 'remainder', 'fdim', 'fmodf', 'remainderf'])}(${v()}, ${v()})`;
      case 10:
        return this.#pick([`ldexp(${v()}, ${this.#below(40) - 20})`, `copysign(${v()}, ${this.#integer(1)})`]);
      default:
        return `half(${v()}, ${v()})`;
    }
  }

  #integer(depth: number): string {
    switch (this.#below(depth > 0 ? 6 : 2)) {
      case 0:
        return this.#pick(['a', 'c', 'd', 'n']);
      case 1:
        return String(this.#below(100) - 50);
      case 2:
        return `!!(${this.#condition(depth - 1)})`;
      case 3:
        return `(d0 > -2e9 && d0 < 2e9 ? (int)d0 : 7)`;
      case 4:
        return `(f0 >= 0 && f0 < 4e9f ? (int)((unsigned)f0 % 1000u) : 5)`;
      default:
        return `(fabs(d1) < 1e15 ? (int)(lround(d1) % 1000) : 3)`;
    }
  }

  #condition(depth: number): string {
    const v = (): string => this.#pick([...this.#variables.double, ...this.#variables.float, ...literals]);
    switch (this.#below(depth > 0 ? 7 : 3)) {
      case 0:
      case 1:
      case 2:
        return `${v()} ${this.#pick(['<', '<=', '>', '>=', '==', '!='])} ${v()}`;
      case 3:
        return `${this.#pick(['isnan', 'isinf', 'isfinite', 'isnormal'])}(${v()})`;
      case 4:
        return `${this.#pick(['isless', 'isgreaterequal', 'isunordered', 'islessgreater'])}(${v()}, ${v()})`;
      case 5:
        return `!(${v()})`;
      default:
        return `(${this.#condition(depth - 1)} ${this.#pick(['&&', '||'])} ${this.#condition(depth - 1)})`;
    }
  }
}
