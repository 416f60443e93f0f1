/**
 * The exit status answers the sentence: 0 yes, 1 no, 2 usage or internal error, 3 don't know. Several questions: the worst
 * of them, in the order 2, 1, 3, 0.
 */
export type ExitStatus = 0 | 1 | 2 | 3;

const order: readonly ExitStatus[] = [2, 1, 3, 0];

export function statusOf(answers: readonly ('yes' | 'no' | 'dont-know' | 'failed')[]): ExitStatus {
  const statuses = answers.map((a): ExitStatus => (a === 'yes' ? 0 : a === 'no' ? 1 : a === 'failed' ? 2 : 3));
  return order.find((s) => statuses.includes(s)) ?? 3;
}
