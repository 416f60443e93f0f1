import { parameterTypes, Random, type RandomProgram } from './random-program.ts';

/**
 * Random C programs with memory for differential testing: arrays of one and two dimensions, pointers into arrays, to scalars
 * and to fields, structures with nested structures, arrays and bit-fields, unions, the heap, lists, strings, views of bytes,
 * calls with pointers and structures, function pointers, recursion, static locals, initialisers. Every program has the same
 * signature, prints as it goes, and ends. Every value that is read was written before. Indices are mostly masked into their range;
 * a program that is `wild` goes over an edge now and then (by little, so that the sanitizer's red zones catch it) or uses
 * memory that is gone. Loops run on fuel. One grammar, hence one long file.
 */
interface Names {
  readonly ints: readonly (() => string)[];
  readonly others: readonly (() => string)[];
  readonly pointers: readonly string[];
  readonly spans: readonly { readonly text: string; readonly length: number }[];
  readonly records: readonly (() => string)[];
  readonly recordPointers: readonly string[];
}

class Generator {
  readonly #r: Random;
  readonly #id: string;
  readonly #wild: boolean;
  /** What this program has of the rest: programs with a bit of everything are mostly too much for us. */
  readonly #has: Readonly<
    Record<'bytes' | 'records' | 'heap' | 'lists' | 'strings' | 'functions' | 'spread' | 'fields', boolean>
  >;
  #lines: string[] = [];
  #indent = '  ';
  #next = 0;
  #depth = 0;
  #size = 0;
  /** Lvalues of type int that may be read and written here, as makers of text. */
  #ints: (() => string)[] = [];
  /** Lvalues of other integer types. */
  #others: (() => string)[] = [];
  /** Variables of type int *, always pointing at an int. */
  #pointers: string[] = [];
  /** Arrays of int with at least so many elements from there. */
  #spans: { readonly text: string; readonly length: number }[] = [];
  /** Lvalues of the structure type. */
  #records: (() => string)[] = [];
  #recordPointers: string[] = [];
  #inLoop = false;
  #inHelper = false;
  #callsLeft = 0;

  constructor(random: Random, id: string) {
    this.#r = random;
    this.#id = id;
    this.#wild = random.chance(0.5);
    const one = (p = 0.5): boolean => random.chance(p);
    const has = { bytes: one(), records: one(0.6), heap: one(), lists: one(0.3), strings: one(), functions: one() };
    this.#has = { ...has, spread: one(0.4), fields: one(0.4) };
  }

  program(): RandomProgram {
    const id = this.#id;
    const r = this.#r;
    const type = (): string => r.pick(types);
    const [t1, t2, t3, t4, t5] = [type(), type(), type(), type(), type()] as const;
    const out = [
      `struct ${id}_in { ${t1} x; short y[2]; };`,
      `struct ${id}_s { ${t2} a; unsigned b : ${1 + r.below(9)}; int c : ${2 + r.below(7)}; int arr[4]; struct ${id}_in in; ${t3} d; unsigned char e : ${1 + r.below(8)}; int *at; };`,
      `union ${id}_u { int i; unsigned char bytes[4]; unsigned short h[2]; unsigned u; };`,
      `struct ${id}_n { int v; struct ${id}_n *next; };`,
      `static int ${id}_ga[8] = { ${this.#numbers(r.below(9))} };`,
      `static ${t4} ${id}_gb[8] = { [${r.below(8)}] = ${r.below(100)}, ${r.below(50)} };`.replace(
        /\[7\] = (\d+), \d+/,
        '[7] = $1',
      ),
      `static int ${id}_gm[3][4] = { { ${this.#numbers(4)} }, { ${this.#numbers(2)} } };`,
      `static char ${id}_gt[16] = "${r.pick(['', 'a', 'abc', 'hello', 'x y z'])}";`,
      `static const char *${id}_lit = "${r.pick(['constant', 'ab', 'zz top'])}";`,
      `static struct ${id}_s ${id}_gs = { .b = 1, .arr = { 1, 2, [3] = 4 }, .in = { 3, { 4, 5 } }${this.#has.fields ? `, .at = &${id}_ga[${r.below(8)}]` : ''} };`,
      `static struct ${id}_s ${id}_gr[4] = { { 1, 1, -1, { 5 } }, [2] = { .in.y[1] = 9 } };`,
      `static int *${id}_gp = ${r.pick([`&${id}_ga[3]`, `${id}_ga`, `&${id}_gm[1][2]`, ...(this.#has.fields ? [`&${id}_gs.arr[1]`, `&${id}_gr[2].arr[0]`] : []), `${id}_gm[2] + 1`])};`,
      `static union ${id}_u ${id}_gu = { .i = ${r.below(1000)} };`,
      `static ${t5} ${id}_gv = ${r.below(100)};`,
    ];
    this.#callsLeft = 0;
    out.push(...this.#library());
    out.push(this.#helper());
    out.push(this.#main());
    return { name: `${id}_main`, text: out.join('\n') };
  }

  /** Functions of fixed shape with random details, which everything may call. */
  #library(): string[] {
    const id = this.#id;
    const r = this.#r;
    const op = (): string => r.pick(['+', '-', '^', '*', '&', '|']);
    return [
      `static int ${id}_sum(int *p, int n) { unsigned t = 0; for (int i = 0; i < n; i++) t = t * 3 + p[i]; return t % 1000; }`,
      `static int ${id}_rec(const int *p, int n) { if (n <= 0) return 0; return (*p % 100) + ${id}_rec(p + 1, n - 1); }`,
      `static void ${id}_fill(int *p, int n, int v) { while (n-- > 0) *p++ = v ${op()} n; }`,
      `static int *${id}_pick(int *a, int *b, int c) { return c ? a : b; }`,
      `static void ${id}_swap(int *a, int *b) { int t = *a; *a = *b; *b = t; }`,
      `static struct ${id}_s ${id}_make(int a, int b) { struct ${id}_s s = { .a = a, .c = b, .arr = { b, a }, .in.y = { a, b } }; ${this.#has.fields ? `s.at = &${id}_ga[a & 7]; ` : ''}return s; }`,
      `static int ${id}_take(struct ${id}_s s, int k) { s.arr[k & 3] += 5; return (s.arr[0] ^ s.arr[3]) + s.in.y[1] + s.c; }`,
      `static void ${id}_touch(struct ${id}_s *s, int v) { s->arr[v & 3] = v; s->in.x = v; s->b = v; ${this.#has.fields ? 'if (s->at) *s->at ^= 1; ' : ''}}`,
      `static int ${id}_f0(int a, int b) { return (a & 255) ${op()} (b & 63); }`,
      `static int ${id}_f1(int a, int b) { static int calls; calls++; return (a & 31) ${op()} calls; }`,
      `static int ${id}_f2(int a, int b) { static int kept[4] = { 1, 2, 3, 4 }; kept[a & 3] = b & 127; return kept[b & 3]; }`,
      `static int (*const ${id}_table[4])(int, int) = { ${[0, 1, 2, 3].map(() => `${id}_f${r.below(3)}`).join(', ')} };`,
      `static int ${id}_apply(int (*f)(int, int), int x) { return f ? f(x, x ${op()} 3) : -1; }`,
      `static int ${id}_list(struct ${id}_n *n) { int t = 0; for (; n; n = n->next) t = (t * 7 + n->v) % 10007; return t; }`,
      `static unsigned ${id}_bytes(const void *p, unsigned n) { const unsigned char *c = p; unsigned t = 1; for (unsigned i = 0; i < n; i++) t = t * 31 + c[i]; return t; }`,
      `static char *${id}_upper(char *s) { char *at = s; for (; *s; s++) if (*s >= 'a' && *s <= 'z') *s -= 32; return at; }`,
      `static int ${id}_compare(const void *a, const void *b) { int x = *(const int *)a, y = *(const int *)b; return (x > y) - (x < y); }`,
      `struct ${id}_o { int (*f)(int, int); int k; double d; };`,
      `static struct ${id}_o ${id}_go[2] = { { ${id}_f0, 3, 1.5 }, { ${id}_f1, 4, -0.25 } };`,
      // Pointers to what has ended: only to be followed by a wild program.
      `static int *${id}_keep(int v) { int here = v; int *p = &here; return p; }`,
    ];
  }

  #helper(): string {
    this.#begin(3);
    this.#inHelper = true;
    this.#ints.push(
      () => 'k',
      () => 'w[1]',
      () => `(*q)`,
    );
    this.#pointers.push('q');
    this.#spans.push({ text: 'w', length: 3 });
    if (this.#has.records) {
      this.#recordPointers.push('s');
      this.#records.push(() => '(*s)');
    }
    this.#statements(2 + this.#r.below(4));
    // Nothing may lead to `w` any more.
    this.#reset();
    this.#line(`return ${this.#expression(2)} & 4095;`);
    const body = this.#lines.join('\n');
    return `static int ${this.#id}_help(int *q, struct ${this.#id}_s *s, int k) {\n  int w[3] = { k, 1 }, fuel = 20;\n${body}\n}`;
  }

  #main(): string {
    const id = this.#id;
    const r = this.#r;
    const parameters = parameterTypes.map((type, i) => `${type} a${i}`);
    this.#begin(6);
    this.#inHelper = false;
    this.#callsLeft = 4;
    this.#ints.push(
      () => 'a0',
      () => 'x',
      () => 'y',
      () => `la[${this.#index(8)}]`,
      () => `lm[${this.#index(4)}][${this.#index(2)}]`,
    );
    this.#others.push(
      () => r.pick(['a1', 'a2', 'a3', 'a4', 'a5', 'a6']),
      () => `lc[${this.#index(8)}]`,
    );
    if (this.#has.records) {
      this.#ints.push(() => `ls.arr[${this.#index(4)}]`);
      this.#others.push(
        () => r.pick(['ls.a', 'ls.b', 'ls.c', 'ls.d', 'ls.e', 'ls.in.x']),
        () => `ls.in.y[${this.#index(2)}]`,
      );
      this.#records.push(() => 'ls');
      this.#recordPointers.push('ps');
    }
    if (this.#has.bytes) {
      this.#ints.push(() => 'lu.i');
      this.#others.push(
        () => `lu.bytes[${this.#index(4)}]`,
        () => `lu.h[${this.#index(2)}]`,
      );
    }
    this.#spans.push({ text: 'la', length: 8 }, { text: 'lm[1]', length: 2 }, { text: 'la + 2', length: 6 });
    this.#pointers.push('p', 'p2');
    const lines = [
      `${id}_ga[0] = 1; ${id}_gp = &${id}_ga[${r.below(8)}]; ${this.#has.fields ? `${id}_gs.at = &${id}_gm[1][1];` : ''}`,
      `int fuel = 40, x = a0, y = ${r.below(20)};`,
      `int la[8] = { ${this.#numbers(r.below(8) + 1)} }, lm[4][2] = { { 1 }, { 2, 3 } };`,
      `struct ${id}_s ls = { .a = a1, .arr = { 7 }, .in = { .x = 1 } };`,
      `union ${id}_u lu; lu.i = a0;`,
      `${r.pick(['char', 'unsigned char', 'short', 'long'])} lc[8] = { 1, 2, 3 };`,
      `int *p = &x, *p2 = la + ${r.below(8)};`,
      `struct ${id}_s *ps = ${r.pick(['&ls', `&${id}_gs`, `${id}_gr + 1`])};`,
      ...(this.#has.fields ? ['ls.at = la + 1;'] : []),
    ];
    this.#statements(5 + r.below(8));
    const say = (call: string): void => this.#line(`printf(" %d", (int)${call});`);
    for (const [name, count] of [
      ['la', 8],
      ['lm', 8],
      [`${id}_ga`, 8],
      [`${id}_gm`, 12],
    ] as const) {
      say(
        this.#has.bytes
          ? `${id}_bytes(${name}, sizeof ${name})`
          : `${id}_sum(&${name}${/m$/.test(name) ? '[0][0]' : '[0]'}, ${count})`,
      );
    }
    if (this.#has.bytes) for (const name of ['lc', `${id}_gb`, `${id}_gt`]) say(`${id}_bytes(${name}, sizeof ${name})`);
    else
      for (const name of ['lc', `${id}_gb`]) this.#line(`for (int i = 0; i < 8; i++) printf(" %d", (int)${name}[i]);`);
    if (this.#has.records) for (const name of ['ls', `${id}_gs`, `${id}_gr[2]`]) say(`${id}_take(${name}, 1)`);
    this.#line(`return ${this.#expression(2)};`);
    const body = [...lines.map((l) => `  ${l}`), ...this.#lines].join('\n');
    return `int ${id}_main(${parameters.join(', ')}) {\n${body}\n}`;
  }

  #begin(calls: number): void {
    const id = this.#id;
    const index = (n: number) => this.#index(n);
    this.#lines = [];
    this.#size = 0;
    this.#callsLeft = calls;
    this.#ints = [
      () => `${id}_ga[${index(8)}]`,
      () => `${id}_gm[${index(3)}][${index(4)}]`,
      () => `(*${this.#pointer(0)})`,
    ];
    this.#others = [() => `${id}_gb[${index(8)}]`, () => `${id}_gv`];
    const scalar = (): string => this.#r.pick(['a', 'b', 'c', 'd', 'e', 'in.x', `in.y[${index(2)}]`]);
    if (this.#has.records) {
      this.#ints.push(
        () => `${id}_gs.arr[${index(4)}]`,
        () => `${id}_gr[${index(4)}].arr[${index(4)}]`,
        () => `${this.#recordPointer()}->arr[${index(4)}]`,
      );
      this.#others.push(
        () => `${id}_gs.${scalar()}`,
        () => `${id}_gr[${index(4)}].${scalar()}`,
        () => `${this.#recordPointer()}->${scalar()}`,
      );
    }
    if (this.#has.bytes) {
      this.#ints.push(() => `${id}_gu.i`);
      this.#others.push(
        () => `${id}_gu.${this.#r.pick(['u', `bytes[${index(4)}]`, `h[${index(2)}]`])}`,
        () => `((unsigned char *)&${this.#int()})[${index(4)}]`,
        () => `(*(unsigned *)${this.#pointer(1)})`,
      );
    }
    this.#pointers = [`${id}_gp`];
    this.#spans = [
      { text: `${id}_ga`, length: 8 },
      { text: `${id}_gm[${this.#r.below(3)}]`, length: 4 },
      { text: `&${id}_ga[3]`, length: 5 },
      ...(this.#has.fields ? [{ text: `${id}_gs.arr`, length: 4 }] : []),
    ];
    this.#records = [() => `${id}_gs`, () => `${id}_gr[${index(4)}]`];
    this.#recordPointers = [`(&${id}_gs)`, `(${id}_gr + ${this.#r.below(4)})`];
  }

  // Text

  #line(text: string): void {
    this.#lines.push(this.#indent + text);
  }

  #fresh(prefix: string): string {
    return `${prefix}${this.#next++}`;
  }

  #numbers(n: number): string {
    return n === 0 ? '0' : Array.from({ length: n }, () => this.#r.below(60) - 10).join(', ');
  }

  #block(head: string, body: () => void, tail = '}'): void {
    const saved = this.#state();
    this.#line(head);
    this.#indent += '  ';
    body();
    this.#indent = this.#indent.slice(2);
    this.#line(tail);
    this.#restore(saved);
  }

  /** What can be named here; a block ends the names that it adds. */
  #state(): Names {
    return {
      ints: [...this.#ints],
      others: [...this.#others],
      pointers: [...this.#pointers],
      spans: [...this.#spans],
      records: [...this.#records],
      recordPointers: [...this.#recordPointers],
    };
  }

  #restore(s: Names): void {
    this.#ints = [...s.ints];
    this.#others = [...s.others];
    this.#pointers = [...s.pointers];
    this.#spans = [...s.spans];
    this.#records = [...s.records];
    this.#recordPointers = [...s.recordPointers];
  }

  // Expressions: none has a side effect, and values stay small for the most part.

  #index(n: number): string {
    const r = this.#r;
    if (this.#depth > 2 || r.chance(0.4)) return String(r.below(this.#wild && r.chance(0.01) ? n + 2 : n));
    const e = this.#small();
    if (this.#wild && r.chance(0.03)) return n & (n - 1) ? `(unsigned)(${e}) % ${n + 1}` : `(${e}) & ${2 * n - 1}`;
    return n & (n - 1) ? `(unsigned)(${e}) % ${n}` : `(${e}) & ${n - 1}`;
  }

  #int(): string {
    this.#depth++;
    const text = this.#depth > 4 ? 'fuel' : this.#r.pick(this.#ints)();
    this.#depth--;
    return text;
  }

  #other(): string {
    this.#depth++;
    const text = this.#depth > 4 ? 'fuel' : this.#r.pick(this.#others)();
    this.#depth--;
    return text;
  }

  /** Something of type int *. */
  #pointer(depth: number): string {
    const r = this.#r;
    this.#depth++;
    const text = ((): string => {
      if (this.#depth > 3 || depth <= 0 || r.chance(0.4)) return r.pick(this.#pointers);
      switch (this.#has.spread ? r.below(this.#has.fields && this.#has.records ? 6 : 5) : 0) {
        case 0: {
          const span = r.pick(this.#spans);
          return `(${span.text} + (${this.#index(span.length)}))`;
        }
        case 1:
          return `(${this.#condition()} ? ${this.#pointer(depth - 1)} : ${this.#pointer(depth - 1)})`;
        case 2:
          return `(${this.#small()} > 3 ? ${this.#pointer(0)} : ${this.#pointer(0)})`;
        case 3:
          return `(int *)(${r.pick(['void', 'char', 'unsigned char'])} *)${this.#pointer(depth - 1)}`.replace(
            /^(.*)$/,
            '($1)',
          );
        case 4:
          return `(&${this.#int()})`;
        default:
          return `(&${this.#recordPointer()}->arr[${this.#index(4)}])`;
      }
    })();
    this.#depth--;
    return text;
  }

  #recordPointer(): string {
    return this.#r.pick(this.#recordPointers);
  }

  #atom(): string {
    const r = this.#r;
    return r.chance(0.25) ? r.pick(constants) : r.chance(0.6) ? this.#int() : this.#other();
  }

  /** A value between about -100 and 100. */
  #small(): string {
    const r = this.#r;
    if (this.#depth > 3) return String(r.below(20));
    return r.pick([
      () => String(r.below(30) - 4),
      () => `(${this.#int()} & ${r.pick([1, 3, 7, 15, 63])})`,
      () => `(${this.#other()} & ${r.pick([1, 3, 7, 15, 63])})`,
      () => `(${this.#int()} % ${2 + r.below(40)})`,
      () => `(int)(${this.#other()} % ${2 + r.below(20)}u)`,
    ])();
  }

  #condition(): string {
    const r = this.#r;
    return r.pick([
      () => `(${this.#small()} ${r.pick(['<', '>', '==', '!=', '<=', '>='])} ${this.#small()})`,
      () => `(${this.#int()} > ${this.#small()})`,
      () => `!${this.#int()}`,
      () => `(${this.#pointer(1)} ${r.pick(['==', '!='])} ${this.#pointer(1)})`,
      () => `(${r.pick(this.#pointers)} != 0 && *${r.pick(this.#pointers)} > ${this.#small()})`,
    ])();
  }

  #expression(depth: number): string {
    const r = this.#r;
    if (depth <= 0 || this.#depth > 3) return this.#small();
    const sub = (): string => this.#expression(depth - 1);
    return r.pick([
      () => `(${sub()} ${r.pick(['+', '-', '*', '&', '|', '^'])} ${this.#small()})`,
      () => `(${sub()} ${r.pick(['+', '-', '^'])} ${sub()})`,
      () =>
        `(${this.#small()} ${r.pick(['<<', '>>'])} ${this.#wild && r.chance(0.05) ? `(${this.#small()})` : r.below(8)})`,
      () => `(${sub()} ${r.pick(['/', '%'])} ${this.#wild && r.chance(0.1) ? this.#small() : 1 + r.below(9)})`,
      () => `(${this.#condition()} ? ${sub()} : ${sub()})`,
      () =>
        `(${r.pick(['signed char', 'unsigned char', 'short', 'unsigned', 'long', 'int'])})${this.#atom()}`.replace(
          /^(.*)$/,
          '($1)',
        ),
      () => `(${this.#atom()} ${r.pick(['<', '==', '&&', '||'])} ${this.#small()})`,
      () => `(- ${this.#small()})`,
      () => `(~${this.#atom()})`,
      () => this.#atom(),
      () => this.#small(),
    ])();
  }

  // Statements

  #statements(n: number): void {
    for (let i = 0; i < n && this.#size < 40; i++) this.#statement();
  }

  #statement(): void {
    const r = this.#r;
    this.#size++;
    const nested = this.#indent.length < 8;
    r.pick([
      () => this.#assignment(),
      () => this.#assignment(),
      () => this.#assignment(),
      () => this.#line(`printf(" %d", (int)(${this.#expression(2)}));`),
      () => this.#line(`printf(" %d", (int)${this.#atom()});`),
      () => this.#line(`${r.pick(this.#pointers)} = ${this.#pointer(2)};`),
      () => this.#line(`${r.pick(this.#pointers)} = ${this.#pointer(2)};`),
      ...(this.#has.records ? [() => this.#recordStatement()] : []),
      () => this.#call(),
      () => this.#call(),
      ...(this.#has.bytes ? [() => this.#blockOfMemory()] : []),
      ...(this.#has.strings ? [() => this.#string()] : []),
      () => this.#walk(),
      ...(nested
        ? [
            () => this.#if(),
            () => this.#loop(),
            () => this.#switch(),
            ...(this.#has.heap ? [() => this.#heap()] : []),
            ...(this.#has.lists ? [() => this.#list()] : []),
            () => this.#inner(),
            () => this.#variableLength(),
            () => this.#goto(),
          ]
        : []),
      ...(this.#wild && r.chance(0.5) ? [() => this.#mischief()] : []),
    ])();
  }

  #assignment(): void {
    const r = this.#r;
    const target = r.chance(0.6) ? this.#int() : this.#other();
    this.#line(
      r.pick([
        () => `${target} = ${this.#expression(2)};`,
        () => `${target} = ${this.#expression(1)};`,
        () => `${target} ${r.pick(['+=', '-=', '^=', '|=', '&='])} ${this.#small()};`,
        () => `${target}${r.pick(['++', '--'])};`,
        () => `${target} = ${this.#small()}, ${this.#int()} = ${this.#small()};`,
      ])(),
    );
  }

  #recordStatement(): void {
    const r = this.#r;
    const id = this.#id;
    const record = (): string => r.pick(this.#records)();
    this.#line(
      r.pick([
        () => `${record()} = ${record()};`,
        () => `*${this.#recordPointer()} = ${record()};`,
        () => `${record()} = ${id}_make(${this.#small()}, ${this.#small()});`,
        () =>
          `${record()} = (struct ${id}_s){ .a = ${this.#small()}, .arr = { ${this.#small()} }${this.#has.fields ? `, .at = ${this.#pointer(1)}` : ''} };`,
        ...(this.#has.fields
          ? [
              () => `${record()}.at = ${this.#pointer(1)};`,
              () => `if (ps->at) ${this.#int()} = *ps->at;`.replaceAll('ps', this.#recordPointer()),
            ]
          : []),
        () => `${id}_touch(&${record()}, ${this.#small()});`,
        () => `printf(" %d", ${id}_take(${record()}, ${this.#small()}));`,
        () => `printf(" %d", ${id}_make(${this.#small()}, ${this.#small()}).arr[${r.below(4)}]);`,
      ])(),
    );
  }

  #call(): void {
    const r = this.#r;
    const id = this.#id;
    const span = r.pick(this.#spans);
    const over = this.#wild && r.chance(0.06) ? 1 : 0;
    this.#line(
      r.pick([
        () => `${this.#int()} = ${id}_sum(${span.text}, ${span.length + over});`,
        () => `${this.#int()} = ${id}_rec(${span.text}, ${1 + r.below(span.length) + over});`,
        () => `${id}_fill(${span.text}, ${1 + r.below(span.length) + over}, ${this.#small()});`,
        () => `${id}_swap(${this.#pointer(1)}, ${this.#pointer(1)});`,
        () => `*${id}_pick(${this.#pointer(1)}, ${this.#pointer(1)}, ${this.#condition()}) = ${this.#small()};`,
        ...(this.#has.functions
          ? [
              () => `qsort(${span.text}, ${1 + r.below(span.length) + over}, sizeof(int), ${id}_compare);`,
              () => `${this.#int()} = ${id}_go[${this.#index(2)}].f(${this.#small()}, ${id}_go[${r.below(2)}].k);`,
              () => `${id}_go[${r.below(2)}].f = ${r.pick([`${id}_f0`, `${id}_f2`, `${id}_table[1]`])};`,
              () =>
                `${id}_go[${r.below(2)}].d += ${this.#small()} / 4.0; printf(" %d", (int)(${id}_go[${r.below(2)}].d * 8) & 4095);`,
              () => `${this.#int()} = ${id}_table[${this.#index(4)}](${this.#small()}, ${this.#small()});`,
              () =>
                `${this.#int()} = ${id}_apply(${r.pick([`${id}_f0`, `&${id}_f1`, `${id}_f2`, `${id}_table[${this.#index(4)}]`, '0'])}, ${this.#small()});`,
              () =>
                `${this.#int()} = (${this.#condition()} ? ${id}_f0 : ${id}_f2)(${this.#small()}, ${this.#small()});`,
            ]
          : []),
        ...(this.#callsLeft > 3
          ? [() => `${this.#int()} = ${id}_help(${this.#pointer(1)}, ${this.#recordPointer()}, ${this.#small()});`]
          : []),
      ])(),
    );
    this.#callsLeft--;
    if (this.#callsLeft === 3) this.#callsLeft = 4;
  }

  #blockOfMemory(): void {
    const r = this.#r;
    const id = this.#id;
    const [a, b] = [r.pick(this.#spans), r.pick(this.#spans)];
    const n = 1 + r.below(Math.min(a.length, b.length));
    const over = this.#wild && r.chance(0.05) ? 4 : 0;
    this.#line(
      r.pick([
        () => `memmove(${a.text}, ${b.text}, ${n} * sizeof(int)${over ? ` + ${(a.length - n) * 4 + 4}` : ''});`,
        () => `memset(${a.text}, ${r.pick(['0', '0', '1', '-1', '0x7f'])}, ${n} * sizeof(int));`,
        () =>
          `memcpy(&${r.pick(this.#records)()}, &(struct ${id}_s){ .a = ${this.#small()}, .b = 1, .arr = { 3, ${this.#small()} } }, sizeof(struct ${id}_s));`,
        () => `printf(" %d", memcmp(${a.text}, ${b.text}, ${n} * sizeof(int)) == 0);`,
        () =>
          `{ int n${this.#next} = ${this.#small()} & ${n > 4 ? 3 : 1}; memmove(${a.text}, ${b.text}, n${this.#next++} * sizeof(int)); }`,
        () => `memcpy(&${this.#int()}, &(int){ ${this.#small()} }, sizeof(int));`,
        () => `printf(" %u", ${id}_bytes(${a.text}, ${n * 4}));`,
      ])(),
    );
  }

  #string(): void {
    const r = this.#r;
    const t = `${this.#id}_gt`;
    const lit = r.pick(['""', '"q"', '"abc"', `${this.#id}_lit`, '"lo"']);
    const long = this.#wild && r.chance(0.05) ? '"12345678901234567890"' : lit;
    this.#line(
      r.pick([
        () => `strcpy(${t}, ${long});`,
        () => `if (strlen(${t}) < 5) strcat(${t}, ${lit});`,
        () => `${this.#int()} = (int)strlen(${r.pick([t, lit])});`,
        () => `printf(" %d", strcmp(${t}, ${lit}) ${r.pick(['<', '==', '>'])} 0);`,
        () =>
          `{ const char *at = strchr(${r.pick([t, lit])}, ${r.pick(["'a'", "'l'", "'z'", '0'])}); if (at) printf(" %d", *at); }`,
        () => `strncpy(${t}, ${lit}, ${1 + r.below(this.#wild ? 17 : 15)}); ${t}[15] = 0;`,
        () => `for (char *at = ${t}; *at; at++) if (*at >= 'a') *at -= ${r.below(3)};`,
        () =>
          `printf(" %s|", ${r.pick([t, `${t} + strlen(${t}) / 2`, lit])});`.replace(
            /printf\(" %s\|", (.*)\);/,
            'for (const char *at = $1; *at; at++) printf("%c", *at);',
          ),
        () => `${this.#id}_upper(${t});`,
        () => `${t}[${this.#index(8)}] = ${r.pick(["'b'", "'y'", '0', this.#small()])}; ${t}[15] = 0;`,
        () => `printf(" %d", (int)strspn(${t}, "abchelo"));`,
        () =>
          `snprintf(${t}, ${2 + r.below(15)}, "${r.pick(['%d', '%x-', '<%5d>', '%c%c'])}", ${this.#small()}, ${this.#small()} | 64);`,
        () => `${this.#int()} = atoi(${r.pick([`"${r.below(2000) - 900}x"`, t])}) & 1023;`,
        () =>
          `{ char *word = strtok(${t}, " ${r.pick(['a', 'l', 'x'])}"); while (word) { printf(" %d", (int)strlen(word)); word = strtok(0, " "); } }`,
        () => `if (strstr(${t}, ${lit})) printf(" in");`,
        ...(this.#wild && r.chance(0.1)
          ? [
              () =>
                `{ char few[4]; sprintf(few, "%d", ${this.#int()} & ${r.pick([7, 127, 1023, 8191])}); printf(" %d", few[0]); }`,
            ]
          : []),
      ])(),
    );
  }

  #walk(): void {
    const r = this.#r;
    const q = this.#fresh('q');
    const span = r.pick(this.#spans);
    const over = this.#wild && r.chance(0.06) ? 1 : 0;
    const end = `${span.text} + ${span.length + over}`;
    this.#line(
      r.pick([
        () =>
          `for (int *${q} = ${span.text}; ${q} < ${end}; ${q}++) *${q} ${r.pick(['+=', '^=', '='])} ${r.below(30)};`,
        () =>
          `{ int *${q} = ${span.text}; while (${q} != ${end}) { if (*${q} > ${r.below(40)}) break; ++${q}; } printf(" %d", (int)(${q} - (${span.text}))); }`,
        () =>
          `for (int *${q} = ${span.text} + ${span.length - 1}; ${q} > ${span.text}; ${q}--) ${q}[-1] = ${q}[0] & 255;`,
        () =>
          `{ const int *${q} = ${span.text}; int n = ${1 + r.below(span.length)}; while (n-- > 0) printf(" %d", *${q}++); }`,
        () =>
          `for (int i = 0; i < ${span.length + over}; i++) (${span.text})[i] = i ${r.pick(['+', '*', '-'])} ${r.below(9)};`,
      ])(),
    );
  }

  #if(): void {
    const other = this.#r.chance(0.4);
    this.#block(`if (${this.#condition()}) {`, () => this.#statements(1 + this.#r.below(2)), other ? '} else {' : '}');
    if (!other) return;
    this.#indent += '  ';
    const saved = this.#state();
    this.#statements(1);
    this.#restore(saved);
    this.#indent = this.#indent.slice(2);
    this.#line('}');
  }

  #loop(): void {
    const r = this.#r;
    const i = this.#fresh('i');
    const saved = this.#inLoop;
    this.#inLoop = true;
    const n = 2 + r.below(3);
    const body = (): void => {
      if (r.chance(0.2)) this.#line(`if (${this.#condition()}) ${r.pick(['break', 'continue'])};`);
      this.#statements(1 + r.below(3));
    };
    if (r.chance(0.6)) {
      this.#block(`for (int ${i} = 0; ${i} < ${n} && fuel-- > 0; ${i}++) {`, () => {
        this.#ints.push(() => `${this.#id}_ga[${i}]`);
        body();
      });
    } else if (r.chance(0.5)) this.#block(`while (fuel-- > 0 && ${this.#condition()}) {`, body);
    else this.#block('do {', body, `} while (fuel-- > 0 && ${this.#condition()});`);
    this.#inLoop = saved;
  }

  #switch(): void {
    const r = this.#r;
    this.#block(`switch (${this.#small()}) {`, () => {
      for (let k = 0; k < 2 + r.below(2); k++) {
        this.#line(`case ${k === 0 ? 0 : r.below(3) + 4 * k}:`);
        this.#statement();
        if (r.chance(0.7)) this.#line('break;');
      }
      this.#line('default:');
      this.#statement();
    });
  }

  #heap(): void {
    const r = this.#r;
    const h = this.#fresh('h');
    const n = 2 + r.below(6);
    const zeroed = r.chance(0.4);
    this.#block('{', () => {
      this.#line(`int *${h} = ${zeroed ? `calloc(${n}, sizeof(int))` : `malloc(${n} * sizeof *${h})`};`);
      this.#line(`if (!${h}) return 1;`);
      if (!zeroed) this.#line(`for (int i = 0; i < ${n}; i++) ${h}[i] = i ${r.pick(['+', '*', '^'])} ${r.below(9)};`);
      this.#ints.push(() => `${h}[${this.#index(n)}]`);
      this.#spans.push({ text: h, length: n });
      this.#statements(1 + r.below(3));
      if (r.chance(0.3)) {
        this.#reset();
        this.#line(
          `{ int *more = realloc(${h}, ${n + 2} * sizeof(int)); if (!more) return 2; ${h} = more; ${h}[${n}] = ${h}[0]; ${h}[${n + 1}] = 1; }`,
        );
        this.#line(`printf(" %d", ${this.#id}_sum(${h}, ${n + 2}));`);
      }
      if (this.#has.records && r.chance(0.3)) {
        const s = this.#fresh('s');
        this.#line(`struct ${this.#id}_s *${s} = malloc(sizeof *${s});`);
        this.#line(`if (!${s}) return 3;`);
        this.#line(`*${s} = ${r.pick(this.#records)()};`);
        this.#recordPointers.push(s);
        this.#statements(1 + r.below(2));
        // Nothing may lead to it any more: other statements follow every pointer.
        this.#reset();
        this.#line(`free(${s});`);
      }
      this.#reset();
      this.#line(`free(${h});`);
      if (this.#wild && r.chance(0.08))
        this.#line(r.pick([`free(${h});`, `printf(" %d", ${h}[0]);`, `${h}[${n - 1}] = 1;`]));
    });
  }

  /** Sends every pointer back to an object that stays, before others end. */
  #reset(): void {
    const id = this.#id;
    this.#line(`${id}_gp = ${id}_ga;`);
    for (const name of this.#pointers) if (!name.startsWith(id)) this.#line(`${name} = ${id}_ga;`);
    if (!this.#has.fields) return;
    this.#line(`${id}_gs.at = ${id}_ga; for (int i = 0; i < 4; i++) ${id}_gr[i].at = 0;`);
    if (!this.#has.records) return;
    this.#line(this.#inHelper ? 's->at = 0;' : 'ls.at = 0;');
  }

  #list(): void {
    const r = this.#r;
    const id = this.#id;
    const head = this.#fresh('head');
    this.#block('{', () => {
      this.#line(`struct ${id}_n *${head} = 0;`);
      this.#line(`for (int i = 0; i < ${1 + r.below(4)}; i++) {`);
      this.#line(`  struct ${id}_n *n = malloc(sizeof *n);`);
      this.#line('  if (!n) return 4;');
      this.#line(`  n->v = (${this.#small()}) + i; n->next = ${head}; ${head} = n;`);
      this.#line('}');
      if (r.chance(0.5)) {
        this.#line(
          `{ struct ${id}_n *prev = 0; while (${head}) { struct ${id}_n *next = ${head}->next; ${head}->next = prev; prev = ${head}; ${head} = next; } ${head} = prev; }`,
        );
      }
      this.#line(`printf(" %d", ${id}_list(${head}));`);
      if (r.chance(0.5)) {
        this.#line(
          `for (struct ${id}_n **at = &${head}; *at; ) { if ((*at)->v & 1) { struct ${id}_n *gone = *at; *at = gone->next; free(gone); } else at = &(*at)->next; }`,
        );
        this.#line(`printf(" %d", ${id}_list(${head}));`);
      }
      const step =
        this.#wild && r.chance(0.08)
          ? `free(${head}); ${head} = ${head}->next;`
          : `struct ${id}_n *next = ${head}->next; free(${head}); ${head} = next;`;
      this.#line(`while (${head}) { ${step} }`);
    });
  }

  /** A block with objects of its own, and pointers to them that must not be followed afterwards. */
  #inner(): void {
    const r = this.#r;
    const id = this.#id;
    const z = this.#fresh('z');
    this.#block('{', () => {
      this.#line(`int ${z}[4] = { ${this.#numbers(3)} };`);
      this.#ints.push(() => `${z}[${this.#index(4)}]`);
      this.#spans.push({ text: z, length: 4 });
      this.#statements(1 + r.below(3));
      if (!(this.#wild && r.chance(0.1))) this.#reset();
      if (r.chance(0.3))
        this.#line(
          `static int ${z}s = 3; ${z}s += ${this.#small()}; printf(" %d", ${z}s & 1023); ${z}s &= 255;`.replace(
            /^static/,
            'static',
          ),
        );
      void id;
    });
  }

  #variableLength(): void {
    const v = this.#fresh('v');
    this.#block('{', () => {
      this.#line(`int n${v} = 1 + (${this.#small()} & 3), ${v}[n${v}];`);
      this.#line(`for (int i = 0; i < n${v}; i++) ${v}[i] = i * 3;`);
      this.#line(`${this.#int()} = ${v}[n${v} - 1] + (int)(sizeof ${v} / sizeof *${v});`);
      if (this.#wild && this.#r.chance(0.1)) this.#line(`${v}[n${v}] = 1;`);
      this.#line(`printf(" %d", ${this.#id}_sum(${v}, n${v}));`);
    });
  }

  #goto(): void {
    const label = this.#fresh('out');
    this.#block('{', () => {
      this.#line(`if (${this.#condition()}) goto ${label};`);
      this.#statements(1);
      this.#line(`${label}: ;`);
    });
  }

  /** Undefined behaviour, under some condition. */
  #mischief(): void {
    const r = this.#r;
    const id = this.#id;
    const c = this.#condition();
    const z = this.#fresh('m');
    this.#line(
      r.pick([
        () =>
          `{ int *${z} = 0; if (${c}) ${z} = ${id}_ga; ${r.pick([`*${z} = 1;`, `printf(" %d", *${z});`, `${z}[1]++;`])} }`,
        () =>
          `{ struct ${id}_s *${z} = 0; if (${c}) ${z} = &${id}_gs; printf(" %d", ${z}->${r.pick(['arr[1]', 'c', 'in.x'])} == 0); }`,
        () =>
          `{ int *${z}; { int here = ${this.#small()}; ${z} = &here; if (${c}) ${z} = ${id}_ga; printf(" %d", *${z}); } printf(" %d", *${z}); }`,
        () => `if (${c}) printf(" %d", *${id}_keep(${this.#small()}));`,
        () => `if (${c}) free(${r.pick([`${id}_ga`, `${id}_gp`, '&fuel'])});`,
        () => `{ char *${z} = malloc(4); if (${z}) { ${z}[0] = 1; if (${c}) ${z}++; free(${z}); } }`,
        () => `if (${c}) *(char *)${id}_lit = 'x';`,
        () => `{ int (*${z})(int, int) = ${c} ? ${id}_f0 : 0; printf(" %d", ${z}(1, 2)); }`,
        () =>
          `{ char *${z} = malloc(3); if (${z}) { strcpy(${z}, ${r.pick(['"ab"', `${c} ? "abc" : "a"`])}); printf(" %d", (int)strlen(${z})); free(${z}); } }`,
        () => `{ char ${z}[3] = { 'a', 'b', 'c' }; if (${c}) ${z}[2] = 0; printf(" %d", (int)strlen(${z})); }`,
        () => `if (${c}) memcpy(${id}_gm[2], ${id}_gm[1], 5 * sizeof(int));`,
        () => `x = 2147483647 - (${this.#small()} & 7) + (${this.#small()} & 15);`.replace(/^x/, this.#int()),
        () => `printf(" %d", ${this.#small()} / (${this.#small()} & 3));`,
      ])(),
    );
  }
}

const types = [
  ...['int', 'unsigned', 'char', 'signed char', 'unsigned char', 'short', 'unsigned short'],
  ...['long', 'unsigned long', 'long long', '_Bool', 'int'],
] as const;

const constants = [
  '0',
  '1',
  '-1',
  '2',
  '7',
  '100',
  '255',
  '-128',
  '65535',
  '1000000',
  '3u',
  '5L',
  "'a'",
  '0x7fffffff',
  'sizeof(int)',
];

/** The program of a seed; `id` makes its names unique, so that many fit into one translation unit. */
export function randomMemoryProgram(seed: number, id: string): RandomProgram {
  return new Generator(new Random(seed ^ 0x3c6ef372), id).program();
}
