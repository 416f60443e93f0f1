/**
 * Names that no module needs to define: Python's built-ins, and the conventions of verification tools for unknown inputs and
 * assumptions. Those we model are functions with a name in builtins.ts; the others are objects that may not be used.
 */
import { builtinException } from './exception-classes.ts';
import { builtinType, classType, moduleType, objectType, type Type, textType } from './types.ts';

/** Functions and classes that builtins.ts models. */
const modelled = new Set(
  (
    'abs bool exit float int isinstance max min pow print quit range round str type repr ' +
    'random.randint random.randrange sys.exit'
  ).split(' '),
);
/** Built-in classes that may stand in isinstance, but are not called. */
const classes = new Set('bytes complex dict float list object set str tuple'.split(' '));

const otherBuiltins = new Set(
  (
    '__build_class__ __debug__ __doc__ __import__ __loader__ __package__ __spec__ __file__ __builtins__ __cached__ __annotations__ ' +
    'aiter all anext any ascii bin breakpoint bytearray callable chr classmethod compile copyright credits delattr dir divmod ' +
    'enumerate eval exec filter format frozenset getattr globals hasattr hash help hex id input issubclass iter len license ' +
    'locals map memoryview next oct open ord property reversed setattr slice sorted staticmethod sum super vars zip ' +
    'Ellipsis NotImplemented ExceptionGroup BaseExceptionGroup UnicodeDecodeError UnicodeEncodeError UnicodeTranslateError'
  ).split(' '),
);

/** Any int, any bool, an assumption, an assertion, our own question: by the name without the prefix that a tool gives it. */
const conventions: Readonly<Record<string, string>> = {
  nondet_int: 'nondet_int',
  nondet_bool: 'nondet_bool',
  nondet_uint: 'nondet_nat',
  __VERIFIER_nondet_int: 'nondet_int',
  __VERIFIER_nondet_bool: 'nondet_bool',
  __VERIFIER_nondet_uint: 'nondet_nat',
  __ESBMC_nondet_int: 'nondet_int',
  __ESBMC_nondet_bool: 'nondet_bool',
  __ESBMC_assume: 'assume',
  __VERIFIER_assume: 'assume',
  __ESBMC_assert: 'verify',
  __VERIFIER_assert: 'verify',
  terminates: 'terminates',
};

export const isConvention = (name: string): boolean =>
  Object.hasOwn(conventions, name) || /^(?:nondet_|__VERIFIER_|__ESBMC_)/.test(name);

/** Standard modules whose import has no effect that a program could see. */
const modules = new Set(
  (
    '__future__ abc argparse array ast base64 bisect builtins cmath collections contextlib copy csv dataclasses datetime decimal ' +
    'enum fractions functools hashlib heapq inspect io itertools json logging math numbers operator os os.path pathlib pprint queue ' +
    'random re secrets statistics string struct sys textwrap threading time timeit traceback types typing typing_extensions ' +
    'unittest uuid warnings weakref zlib collections.abc'
  ).split(' '),
);

/** `esbmc` declares the conventions; a program that imports it is meant for such a tool. */
export const isKnownModule = (name: string): boolean => modules.has(name) || name === 'esbmc';

/** What a built-in name means, or `module.name`; undefined if Python has no such name. */
export function builtinNamed(name: string): Type | undefined {
  const exception = builtinException(name);
  if (exception) return classType(exception);
  if (name === '__name__') return textType('__main__');
  if (Object.hasOwn(conventions, name)) return builtinType(conventions[name]!);
  if (modelled.has(name) || classes.has(name)) return builtinType(name);
  if (otherBuiltins.has(name)) return objectType(`the built-in name ${name}`);
  if (isConvention(name)) return objectType(`an unknown value (${name})`);
  return name.includes('.') ? objectType(`the name ${name}`) : undefined;
}

/** What `from module import name` binds. */
export function importedName(module: string, name: string): Type {
  if (module === 'esbmc') return builtinNamed(name) ?? objectType(`the name ${name}`);
  if (isKnownModule(`${module}.${name}`)) return moduleType(`${module}.${name}`);
  return builtinNamed(`${module}.${name}`)!;
}
