import type { Question } from '../../program/question.ts';
import type { Stage } from './portfolio.ts';

/**
 * Which engines are asked, in which order. Each engine is loaded when its stage is put together, so that an easy question
 * pays for nothing else: start-up counts.
 */
export async function stagesFor(question: Question): Promise<readonly Stage[]> {
  return question.kind === 'terminates' ? terminationStages() : safetyStages();
}

async function safetyStages(): Promise<readonly Stage[]> {
  const { rewriting } = await import('../rewriting/engine.ts');
  const { abstractInterpretation } = await import('../abstract-interpretation/engine.ts');
  const { boundedUnwinding } = await import('../bounded/engine.ts');
  const { invariantInference } = await import('../invariant-inference/engine.ts');
  const { exhaustiveTesting } = await import('../execution/exhaustive.ts');
  const { testing } = await import('../execution/random.ts');
  const { hornClauses } = await import('../chc/engine.ts');
  return [
    { engines: [rewriting], aloneMs: 300 },
    { engines: [abstractInterpretation], aloneMs: 300 },
    { engines: [exhaustiveTesting, boundedUnwinding, testing], aloneMs: 150 },
    { engines: [invariantInference], aloneMs: 1500 },
    { engines: [hornClauses], aloneMs: Number.POSITIVE_INFINITY },
  ];
}

async function terminationStages(): Promise<readonly Stage[]> {
  const { ranking } = await import('../ranking/engine.ts');
  const { recurrence } = await import('../recurrence/engine.ts');
  const { exhaustiveTesting } = await import('../execution/exhaustive.ts');
  const { testing } = await import('../execution/random.ts');
  return [
    { engines: [exhaustiveTesting, ranking, recurrence], aloneMs: 500 },
    { engines: [testing], aloneMs: Number.POSITIVE_INFINITY },
  ];
}
