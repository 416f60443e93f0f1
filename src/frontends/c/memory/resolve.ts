import type { Diagnostic } from '../../../base/diagnostic.ts';
import type { Result } from '../../../base/result.ts';
import { err } from '../../../base/result.ts';
import type { CheckKind, Program } from '../../../program/program.ts';
import type { Assumption } from '../../../program/question.ts';
import type { IntegerModel } from '../lowering/integers.ts';
import type { Memory } from './operations.ts';
export function resolveMemory(
  _p: Program,
  _m: Memory,
  _o: { model: IntegerModel; pointerBytes: number; checked: (kind: CheckKind) => boolean },
): Result<{ program: Program; assumptions: readonly Assumption[] }, readonly Diagnostic[]> {
  return err([{ code: 'C0601', severity: 'unsupported', message: 'memory' }]);
}
