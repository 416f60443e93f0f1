import { unreachable } from '../base/unreachable.ts';
import { Folder } from '../terms/fold.ts';
import { withoutQuantifiers } from '../terms/instances.ts';
import { reduction } from '../terms/rules/simplify.ts';
import { isFalse } from '../terms/term.ts';
import { checkRefutation } from './arithmetic/check.ts';
import type { ProofChecker } from './proof.ts';

/** Sends each kind of proof to its checker. */
export const checkProof: ProofChecker = (factory, refuted, proof) => {
  switch (proof.kind) {
    case 'trusted':
      return { kind: 'trusted', tools: proof.tools };
    case 'arithmetic':
      return checkRefutation(refuted, proof.proof)
        ? { kind: 'checked' }
        : { kind: 'rejected', why: 'the arithmetic proof does not hold' };
    case 'folding':
      return isFalse(new Folder(factory).fold(refuted))
        ? { kind: 'checked' }
        : { kind: 'rejected', why: 'the formula does not fold to false' };
    case 'rewriting': {
      const reduced = reduction(factory, refuted);
      if (isFalse(reduced)) return { kind: 'checked' };
      if (proof.rest && proof.rest.kind !== 'rewriting') return checkProof(factory, reduced, proof.rest);
      return { kind: 'rejected', why: 'the rules do not bring the formula to false' };
    }
    case 'instances': {
      const instances = withoutQuantifiers(factory, refuted);
      if (!instances) return { kind: 'rejected', why: 'the quantifiers cannot be removed' };
      if (proof.rest.kind === 'instances') return { kind: 'rejected', why: 'quantifiers are removed once' };
      return checkProof(factory, instances, proof.rest);
    }
    default:
      return unreachable(proof);
  }
};
