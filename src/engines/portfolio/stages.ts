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
  return [];
}

async function terminationStages(): Promise<readonly Stage[]> {
  return [];
}
