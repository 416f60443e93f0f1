/**
 * Reads untrusted JSON: every access names the field and throws Malformed where it is not of the shape that is asked for.
 * Nothing outside this folder sees the exception.
 */
export class Malformed extends Error {}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export class Field {
  readonly value: unknown;
  readonly path: string;

  constructor(value: unknown, path = 'the certificate') {
    this.value = value;
    this.path = path;
  }

  fail(expected: string): never {
    throw new Malformed(`${this.path} is not ${expected}`);
  }

  get present(): boolean {
    return this.value !== undefined;
  }

  at(key: string): Field {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value)) this.fail('an object');
    const own = Object.hasOwn(this.value, key) ? (this.value as Record<string, unknown>)[key] : undefined;
    return new Field(own, `${this.path === 'the certificate' ? '' : `${this.path}.`}${key}`);
  }

  /** Rejects keys that nobody reads: a certificate says nothing beside what is checked. */
  only(...keys: readonly string[]): this {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value)) this.fail('an object');
    const extra = Object.keys(this.value).find((k) => !keys.includes(k));
    if (extra !== undefined) throw new Malformed(`${this.path} has an unknown field ${extra.slice(0, 40)}`);
    return this;
  }

  list(longest = 5_000_000): Field[] {
    if (!Array.isArray(this.value) || this.value.length > longest) this.fail('a list');
    return this.value.map((item, i) => new Field(item, `${this.path}[${i}]`));
  }

  pair(): [Field, Field] {
    const [a, b, ...more] = this.list();
    if (!a || !b || more.length > 0) this.fail('a pair');
    return [a, b];
  }

  text(): string {
    return typeof this.value === 'string' ? this.value : this.fail('a text');
  }

  oneOf<T extends string>(...choices: readonly T[]): T {
    const found = choices.find((c) => c === this.value);
    return found ?? this.fail(`one of ${choices.join(', ')}`);
  }

  /** A whole number from 0 on, exact in a JavaScript number. */
  natural(): number {
    const { value } = this;
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : this.fail('a whole number');
  }

  boolean(): boolean {
    return typeof this.value === 'boolean' ? this.value : this.fail('true or false');
  }

  /** An integer of any size, as a decimal string. */
  integer(): bigint {
    const { value } = this;
    return typeof value === 'string' && value.length < 400_000 && /^-?(0|[1-9]\d*)$/.test(value) && value !== '-0'
      ? BigInt(value)
      : this.fail('an integer');
  }
}
