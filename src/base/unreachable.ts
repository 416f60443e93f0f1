/** Closes every `switch` over a union: the compiler rejects it while a case is missing. */
export function unreachable(value: never): never {
  throw new Error(`unreachable case: ${JSON.stringify(value)}`);
}

/** States an INVARIANT that the code relies on. A failure is our bug, never the user's. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`INVARIANT broken: ${message}`);
}
