/**
 * Small programs with two threads, as C text and as lists of operations, and all that they can compute: every interleaving
 * of single reads and writes is tried. It shares nothing with the product (interleaving.ts) that it is compared with.
 */
export type Statement =
  | { readonly kind: 'copy'; readonly to: number; readonly from: number; readonly plus: number }
  | { readonly kind: 'increment'; readonly to: number }
  | {
      readonly kind: 'if';
      readonly looked: number;
      readonly equals: number;
      readonly to: number;
      readonly value: number;
    }
  | { readonly kind: 'locked' | 'atomic'; readonly body: readonly Statement[] };

const names = ['x', 'y', 'z'];

export function textOf(threads: readonly (readonly Statement[])[]): string {
  const bodies = threads.map(
    (body, i) => `void *t${i}(void *unused) {\n${body.map(statementText).join('')}  return 0;\n}\n`,
  );
  const starts = threads.map((_, i) => `  pthread_create(&id[${i}], 0, t${i}, 0);\n`);
  const joins = threads.map((_, i) => `  pthread_join(id[${i}], 0);\n`);
  return `#include <pthread.h>
void __VERIFIER_atomic_begin(void);
void __VERIFIER_atomic_end(void);
int x, y, z;
pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
${bodies.join('')}int main(void) {
  pthread_t id[${threads.length}];
${starts.join('')}${joins.join('')}  return x * 10000 + y * 100 + z;
}
`;
}

function statementText(s: Statement): string {
  switch (s.kind) {
    case 'copy':
      return `  ${names[s.to]} = ${names[s.from]} + ${s.plus};\n`;
    case 'increment':
      return `  ${names[s.to]}++;\n`;
    case 'if':
      return `  if (${names[s.looked]} == ${s.equals}) ${names[s.to]} = ${s.value};\n`;
    case 'locked':
      return `  pthread_mutex_lock(&m);\n${s.body.map(statementText).join('')}  pthread_mutex_unlock(&m);\n`;
    case 'atomic':
      return `  __VERIFIER_atomic_begin();\n${s.body.map(statementText).join('')}  __VERIFIER_atomic_end();\n`;
  }
}

type Operation =
  | { readonly kind: 'read'; readonly from: number }
  /** The register plus a number, or a number alone. */
  | { readonly kind: 'write'; readonly to: number; readonly plus: number; readonly register: boolean }
  | { readonly kind: 'unless'; readonly equals: number; readonly skip: number }
  | { readonly kind: 'lock' | 'unlock' | 'begin' | 'end' };

const operations = (body: readonly Statement[]): Operation[] => body.flatMap(operationsOf);

function operationsOf(s: Statement): Operation[] {
  switch (s.kind) {
    case 'copy':
      return [
        { kind: 'read', from: s.from },
        { kind: 'write', to: s.to, plus: s.plus, register: true },
      ];
    case 'increment':
      return [
        { kind: 'read', from: s.to },
        { kind: 'write', to: s.to, plus: 1, register: true },
      ];
    case 'if':
      return [
        { kind: 'read', from: s.looked },
        { kind: 'unless', equals: s.equals, skip: 1 },
        { kind: 'write', to: s.to, plus: s.value, register: false },
      ];
    case 'locked':
      return [{ kind: 'lock' }, ...operations(s.body), { kind: 'unlock' }];
    case 'atomic':
      return [{ kind: 'begin' }, ...operations(s.body), { kind: 'end' }];
  }
}

interface State {
  readonly at: readonly number[];
  readonly registers: readonly number[];
  readonly shared: readonly number[];
  readonly holder: number;
  readonly token: number;
}

/** What main can return when all threads have ended. */
export function outcomes(threads: readonly (readonly Statement[])[]): Set<bigint> {
  const code = threads.map(operations);
  const results = new Set<bigint>();
  const start: State = {
    at: code.map(() => 0),
    registers: code.map(() => 0),
    shared: [0, 0, 0],
    holder: -1,
    token: -1,
  };
  const seen = new Set<string>();
  const work: State[] = [start];
  const put = (list: readonly number[], i: number, value: number): number[] =>
    list.map((v, k) => (k === i ? value : v));
  for (let s = work.pop(); s; s = work.pop()) {
    const key = JSON.stringify(s);
    if (seen.has(key)) continue;
    seen.add(key);
    if (s.at.every((at, k) => at === code[k]!.length)) {
      results.add(BigInt(s.shared[0]! * 10000 + s.shared[1]! * 100 + s.shared[2]!));
      continue;
    }
    for (const [k, list] of code.entries()) {
      const op = list[s.at[k]!];
      if (!op || (s.token !== -1 && s.token !== k)) continue;
      const next: State = { ...s, at: put(s.at, k, s.at[k]! + 1) };
      const register = s.registers[k]!;
      if (op.kind === 'read') work.push({ ...next, registers: put(s.registers, k, s.shared[op.from]!) });
      else if (op.kind === 'write')
        work.push({ ...next, shared: put(s.shared, op.to, op.plus + (op.register ? register : 0)) });
      else if (op.kind === 'unless')
        work.push(register === op.equals ? next : { ...next, at: put(s.at, k, s.at[k]! + 1 + op.skip) });
      else if (op.kind === 'lock') {
        if (s.holder === -1) work.push({ ...next, holder: k });
      } else if (op.kind === 'unlock') work.push({ ...next, holder: -1 });
      else work.push({ ...next, token: op.kind === 'begin' ? k : -1 });
    }
  }
  return results;
}
