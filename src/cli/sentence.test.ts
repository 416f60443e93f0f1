import { describe, expect, test } from 'vitest';
import { knownSentences, readSentence } from './sentence.ts';

const meaning = (sentence: string) => {
  const result = readSentence(sentence);
  if (result.kind === 'unknown') throw new Error(`unknown: ${sentence}`);
  return result.meaning;
};

describe('sentences and what they ask', () => {
  test.each([
    ['Could f ever return false?', 'ever', 'f', { kind: 'returns', value: false, other: false }],
    ['can compare return -1', 'ever', 'compare', { kind: 'returns', value: -1n, other: false }],
    ['Could f ever return anything but 3?', 'ever', 'f', { kind: 'returns', value: 3n, other: true }],
    ['Does f always return true?', 'always', 'f', { kind: 'returns', value: true, other: true }],
    ['is f never 0?', 'always', 'f', { kind: 'returns', value: 0n, other: false }],
    ['can it ever print "Error!"?', 'ever', undefined, { kind: 'print', text: 'Error!' }],
    ['Is "Error!" ever printed?', 'ever', undefined, { kind: 'print', text: 'Error!' }],
    ['Does the program never print Error!', 'always', undefined, { kind: 'print', text: 'Error' }],
    ['Does g always eventually return control to its caller?', 'terminates', 'g', undefined],
    ['does g() end?', 'terminates', 'g', undefined],
    ['Does it end?', 'terminates', undefined, undefined],
    ['does this program terminate', 'terminates', undefined, undefined],
    ['can an assertion in g ever fail?', 'ever', 'g', { kind: 'failure' }],
    ['Do all assertions hold?', 'check', undefined, undefined],
    ['can anything go wrong?', 'ever', undefined, { kind: 'failure' }],
    ['Can nothing go wrong in Stack.push?', 'check', 'Stack.push', undefined],
    ['could g ever overflow?', 'ever', 'g', { kind: 'failure' }],
    ['could g divide by zero?', 'ever', 'g', { kind: 'failure' }],
  ])('%s', (sentence, question, functionName, event) => {
    const found = meaning(sentence);
    expect(found.question).toBe(question);
    expect(found.functionName).toBe(functionName);
    expect(found.event).toEqual(event);
  });

  test('the kinds of failure go with the sentence', () => {
    expect(meaning('can g overflow?').checks).toEqual(new Set(['overflow']));
    expect(meaning('can anything go wrong?').checks).toBeUndefined();
  });

  test('every example in the list is itself known, with names and values put in', () => {
    for (const example of knownSentences) {
      const sentence = example.replace('VALUE', '3').replace('TEXT', 'Error').replace(/\bF\b/, 'g');
      expect(readSentence(sentence).kind, sentence).toBe('known');
    }
  });
});

describe('sentences that are not known', () => {
  test.each(['', '?', 'is g good?', 'does g return false?', 'could f ever return maybe?', 'x'.repeat(10_000)])(
    '%.40s',
    (sentence) => expect(readSentence(sentence)).toEqual({ kind: 'unknown' }),
  );
  test('asking for the opposite gets a hint', () =>
    expect(readSentence('can g run forever?')).toMatchObject({
      kind: 'unknown',
      hint: expect.stringContaining('opposite'),
    }));
});
