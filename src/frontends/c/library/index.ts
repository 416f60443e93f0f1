import { formatModels } from './format.ts';
import { scanModels } from './scan.ts';
import { stdioModels } from './stdio.ts';
import { stdlibModels } from './stdlib.ts';
import { stringModels } from './string.ts';
import { threadModels } from './threads.ts';
import { timeModels } from './time.ts';
import { wideModels } from './wide.ts';

/**
 * The C library, written in C: what its functions do, for programs that call them. The text of a function is read as part of
 * the program (elaboration/library-bodies.ts), so undefined behaviour in it is found as in any other code and is reported at
 * the call. Each is compared with the real library (library.test.ts). Names that begin with `__tertium_` are ours; models use
 * no others of each other.
 *
 * Some functions have no text, lowering knows them: `__tertium_require(condition, what goes wrong)` is a check, and
 * `__tertium_require_fit` is one of overflow;
 * `__tertium_new_object(bytes)` is a new object that no one needs to free, with any bytes, and `__tertium_end_object(p)` ends it;
 * `__tertium_passes_floats()` and `__tertium_asks_…()` say what the program's formats can ask for (lowering/format-facts.ts).
 * What models of threads are written with stands in lowering/threads.ts.
 */
export type Model =
  | string
  | {
      readonly text: string;
      /** What it gives may be more than the real function gives: proofs hold, counterexamples may be spurious. */
      readonly approximation?: string;
      /** That is so only in programs that use one of these functions. */
      readonly approximationWith?: readonly string[];
      /** Where the library is free to choose, and this is one choice. */
      readonly assumption?: string;
    };

const models: ReadonlyMap<string, Model> = new Map(
  [stringModels, stdlibModels, stdioModels, formatModels, scanModels, threadModels, timeModels, wideModels].flatMap(
    (group) => Object.entries(group),
  ),
);

/** All functions and variables with a model that a program of one thread can look at; our own helpers left out. */
export const modelledNames = (): string[] =>
  [...models.keys()].filter((name) => !name.startsWith('__tertium_') && !Object.hasOwn(threadModels, name)).sort();

export const libraryModel = (name: string): Exclude<Model, string> | undefined => {
  const model = models.get(name);
  return typeof model === 'string' ? { text: model } : model;
};

/** Every model reads these first. */
export const libraryPrelude = `#include <stddef.h>
typedef struct __tertium_file FILE;
typedef __PTRDIFF_TYPE__ ssize_t;
void __tertium_require(_Bool, const char *);
void __tertium_require_fit(_Bool, const char *);
void *__tertium_new_object(size_t);
void __tertium_end_object(void *);
_Bool __tertium_passes_floats(void);
_Bool __tertium_asks_int(void);
_Bool __tertium_asks_long(void);
_Bool __tertium_asks_string(void);
_Bool __tertium_asks_count(void);
_Bool __tertium_asks_star(void);
_Bool __tertium_asks_text(void);
void *malloc(size_t);
void free(void *);
`;

/**
 * The models of these names and of all that they use, what is used first; names without a model are left out. `own`: models
 * of functions that were made for this program.
 */
export function modelsFor(
  names: Iterable<string>,
  own: ReadonlyMap<string, Exclude<Model, string>> = new Map(),
): string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const work: { readonly name: string; readonly done: boolean }[] = [...names].map((name) => ({ name, done: false }));
  for (let item = work.pop(); item; item = work.pop()) {
    if (item.done) {
      order.push(item.name);
      continue;
    }
    const model = own.get(item.name) ?? libraryModel(item.name);
    if (!model || seen.has(item.name)) continue;
    seen.add(item.name);
    work.push({ name: item.name, done: true });
    for (const used of model.text.match(/\b(?:__tertium_\w+|errno)\b/g) ?? []) work.push({ name: used, done: false });
  }
  return order;
}

/** What a function of ours stands for: `__tertium_scanf_3` for a `scanf`, what lowering calls itself for a printing function. */
export const modelledName = (name: string): string => {
  const numbered = /^__tertium_(\w+)_\d+$/.exec(name);
  return numbered ? numbered[1]! : name.startsWith('__tertium_') ? 'printf or its like' : name;
};
