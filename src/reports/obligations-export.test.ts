import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TermFactory } from '../terms/factory.ts';
import { intSort } from '../terms/sort.ts';
import type { Obligation } from '../verdict/obligation.ts';
import { obligationsAsSmtlib } from './obligations-smtlib.ts';
import { obligationsAsWhy3 } from './obligations-why3.ts';

const t = new TermFactory();
const x = t.symbol('x', intSort);
const y = t.symbol('y', intSort);
const divisions = (['quot', 'div'] as const).map((op) => t.apply(op, [t.int(-7), t.int(2)]));
const obligations: Obligation[] = [
  { text: 'the measure falls', refute: t.all([t.greater(y, t.int(0)), t.not(t.less(t.subtract(x, y), x))]) },
  {
    text: 'addition wraps the same both ways',
    refute: t.not(t.equal(t.wrapUnsigned(t.add(x, y), 32), t.wrapUnsigned(t.add(y, x), 32))),
  },
  {
    text: 'division rounds as defined',
    refute: t.not(t.and(t.equal(divisions[0]!, t.int(-3)), t.equal(divisions[1]!, t.int(-4)))),
  },
];

function installed(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    if (process.env.CI) console.warn(`NOTICE: ${command} is not installed: the export is not re-proved by it`);
    return false;
  }
}

function run(command: string, args: readonly string[], name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tertium-export-'));
  try {
    const file = join(folder, name);
    writeFileSync(file, text);
    return execFileSync(command, [...args, file], { encoding: 'utf8', timeout: 60_000 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('exported obligations', () => {
  it('are written for every obligation', () => {
    for (const write of [obligationsAsSmtlib, obligationsAsWhy3]) {
      const { written, left, text } = write(obligations, 'A question? Yes.');
      expect([written, left]).toEqual([3, 0]);
      expect(text).toContain('the measure falls');
    }
  });

  it.skipIf(!installed('z3'))('are proved by native z3', () => {
    expect(run('z3', [], 'o.smt2', obligationsAsSmtlib(obligations, 'A question?').text).trim().split('\n')).toEqual([
      'unsat',
      'unsat',
      'unsat',
    ]);
  });

  it.skipIf(!installed('cvc5'))('are proved by cvc5', () => {
    const out = run('cvc5', ['--incremental'], 'o.smt2', obligationsAsSmtlib(obligations, 'A question?').text);
    expect(out.trim().split('\n')).toEqual(['unsat', 'unsat', 'unsat']);
  });

  it.skipIf(!installed('why3') || !installed('z3'))('are proved through Why3', () => {
    const config = mkdtempSync(join(tmpdir(), 'tertium-why3-'));
    try {
      const file = join(config, 'why3.conf');
      execFileSync('why3', ['config', 'detect', '-C', file], { stdio: 'ignore' });
      const out = run(
        'why3',
        ['prove', '-C', file, '-P', 'z3'],
        'o.mlw',
        obligationsAsWhy3(obligations, 'A question?').text,
      );
      expect(out.match(/Valid/g)?.length).toBe(3);
    } finally {
      rmSync(config, { recursive: true });
    }
  });
});
