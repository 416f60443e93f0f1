import type { Question } from '../../program/question.ts';
import type { Stage } from './portfolio.ts';

/**
 * Which engines are asked, in which order. Engines are loaded when their stage begins, so that an easy question pays for
 * nothing else: start-up counts.
 */
export const stagesFor = (question: Question): readonly Stage[] =>
  question.kind === 'terminates' ? terminationStages : safetyStages;

const rewriting = async () => (await import('../rewriting/engine.ts')).rewriting;
const abstractInterpretation = async () =>
  (await import('../abstract-interpretation/engine.ts')).abstractInterpretation;
const boundedUnwinding = async () => (await import('../bounded/engine.ts')).boundedUnwinding;
const invariantInference = async () => (await import('../invariant-inference/engine.ts')).invariantInference;
const exhaustiveTesting = async () => (await import('../execution/exhaustive.ts')).exhaustiveTesting;
const testing = async () => (await import('../execution/random.ts')).testing;
const hornClauses = async () => (await import('../chc/engine.ts')).hornClauses;
const ranking = async () => (await import('../ranking/engine.ts')).ranking;
const recurrence = async () => (await import('../recurrence/engine.ts')).recurrence;

const safetyStages: readonly Stage[] = [
  { engines: () => Promise.all([rewriting()]), aloneMs: 300 },
  { engines: () => Promise.all([abstractInterpretation()]), aloneMs: 300 },
  { engines: () => Promise.all([exhaustiveTesting(), boundedUnwinding(), testing()]), aloneMs: 150 },
  { engines: () => Promise.all([invariantInference()]), aloneMs: 1500 },
  { engines: () => Promise.all([hornClauses()]), aloneMs: Number.POSITIVE_INFINITY },
];

const terminationStages: readonly Stage[] = [
  { engines: () => Promise.all([exhaustiveTesting(), ranking(), recurrence()]), aloneMs: 500 },
  { engines: () => Promise.all([testing()]), aloneMs: Number.POSITIVE_INFINITY },
];
