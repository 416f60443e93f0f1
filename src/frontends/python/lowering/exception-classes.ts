/** The built-in exception classes and their bases (library reference, "Exception hierarchy"), and those that a module defines. */
const hierarchy = `
BaseException: BaseExceptionGroup GeneratorExit KeyboardInterrupt SystemExit Exception
Exception: ArithmeticError AssertionError AttributeError BufferError EOFError ImportError LookupError MemoryError NameError
  OSError ReferenceError RuntimeError StopAsyncIteration StopIteration SyntaxError SystemError TypeError ValueError Warning
ArithmeticError: FloatingPointError OverflowError ZeroDivisionError
ImportError: ModuleNotFoundError
LookupError: IndexError KeyError
NameError: UnboundLocalError
OSError: BlockingIOError ChildProcessError ConnectionError FileExistsError FileNotFoundError InterruptedError
  IsADirectoryError NotADirectoryError PermissionError ProcessLookupError TimeoutError
ConnectionError: BrokenPipeError ConnectionAbortedError ConnectionRefusedError ConnectionResetError
RuntimeError: NotImplementedError RecursionError
SyntaxError: IndentationError
IndentationError: TabError
ValueError: UnicodeError
UnicodeError: UnicodeDecodeError UnicodeEncodeError UnicodeTranslateError
Warning: BytesWarning DeprecationWarning EncodingWarning FutureWarning ImportWarning PendingDeprecationWarning
  ResourceWarning RuntimeWarning SyntaxWarning UnicodeWarning UserWarning
`;

const builtinBases = new Map<string, string>();
for (const entry of hierarchy
  .trim()
  .replace(/\n {2}/g, ' ')
  .split('\n')) {
  const [base, derived] = entry.split(': ');
  for (const name of derived!.split(' ')) builtinBases.set(name, base!);
}
/** Other names of the same classes. */
const aliases: Readonly<Record<string, string>> = { IOError: 'OSError', EnvironmentError: 'OSError' };
/** Making one needs arguments that we do not model. */
const special = /^(?:BaseExceptionGroup|ExceptionGroup|Unicode\w+Error)$/;

export function builtinException(name: string): string | undefined {
  const found = aliases[name] ?? name;
  return (builtinBases.has(found) || found === 'BaseException') && !special.test(found) ? found : undefined;
}

/** The exception classes that are known so far. A class of the module has a name with its place, `Mine@120`. */
export class ExceptionClasses {
  readonly #bases = new Map<string, string>(builtinBases);

  define(name: string, base: string): void {
    this.#bases.set(name, base);
  }

  isSubclass(name: string, base: string): boolean {
    for (let at: string | undefined = name; at; at = this.#bases.get(at)) if (at === base) return true;
    return false;
  }
}

/** The class as the user calls it. */
export const className = (name: string): string => name.split('@')[0]!;
