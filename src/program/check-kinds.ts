import type { CheckKind } from './program.ts';

/** What each kind of check looks for, in the words of the help text; also the list of names that --checks takes. */
export const checkMeanings: Readonly<Record<CheckKind, string>> = {
  assertion: 'an assertion fails',
  unreachable: 'code that says it is never reached is reached',
  overflow: 'signed arithmetic leaves its type',
  'unsigned-overflow': 'unsigned arithmetic wraps around (which C defines)',
  division: 'division or remainder by zero',
  shift: 'a shift by a negative or too large amount',
  conversion: 'a conversion loses the value',
  bounds: 'an index outside its array',
  pointer: 'a pointer that points nowhere is followed',
  alignment: 'an object is used at an address that its type does not allow',
  free: 'memory is freed twice, or what was not allocated',
  leak: 'memory is never freed',
  uninitialised: 'a variable is read before it has a value',
  race: 'two threads use the same memory at once',
  exception: 'an exception is not caught',
  result: 'a function that promises a result returns none',
};

/** Kinds that no language looks at unless they are named. */
export const offByDefault: ReadonlySet<CheckKind> = new Set([
  'unsigned-overflow',
  'conversion',
  'leak',
  'uninitialised',
  'race',
  'result',
]);

export const checkKinds = Object.keys(checkMeanings) as readonly CheckKind[];

export const isCheckKind = (name: string): name is CheckKind => Object.hasOwn(checkMeanings, name);
