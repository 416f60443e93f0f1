/**
 * Reads the text of a Python 3.11 module into its syntax tree, or says where it stops being Python. The text is decoded
 * already; a declared encoding other than UTF-8 is refused unless the text is ASCII, where it makes no difference.
 * Decision 003 says why the parser is hand-written.
 */
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { LineMap, type Source } from '../../base/span.ts';
import { height, type Module } from './ast.ts';
import { Cursor, nestedTooDeeply, nestingLimit } from './cursor.ts';
import { fileInput } from './statements.ts';
import { checkStatically } from './static-checks.ts';
import { type SymbolTable, symbolTable } from './symbol-table.ts';
import { SyntaxFault } from './syntax-fault.ts';
import { tokenize } from './tokenizer.ts';

export interface ParsedModule {
  readonly module: Module;
  readonly map: LineMap;
  readonly comments: readonly { readonly start: number; readonly end: number }[];
}

export interface CheckedModule extends ParsedModule {
  readonly symbols: SymbolTable;
}

/**
 * Parses, then checks what CPython's compiler checks. errors: `PY-SYNTAX` (not Python 3.11), `PY-UNSUPPORTED` (a limit
 * of ours).
 */
export function readModule(source: Source): Result<CheckedModule, Diagnostic> {
  const parsed = parseModule(source);
  if (!parsed.ok) return parsed;
  try {
    checkStatically(parsed.value.module);
    return ok({ ...parsed.value, symbols: symbolTable(parsed.value.module) });
  } catch (fault) {
    if (!(fault instanceof SyntaxFault)) throw fault;
    return err(fault.diagnostic(parsed.value.map));
  }
}

/** The grammar alone: what CPython's `ast.parse` accepts. errors: as for `readModule`. */
export function parseModule(source: Source): Result<ParsedModule, Diagnostic> {
  const map = new LineMap(source);
  const { text } = source;
  try {
    const from = text.charCodeAt(0) === 0xfeff ? 1 : 0;
    checkCharacters(text, from);
    const tokens = tokenize(text, { from });
    if (tokens.fault?.severity === 'unsupported') throw tokens.fault;
    const body = fileInput(new Cursor(text, tokens));
    const module: Module = { kind: 'Module', body, start: 0, end: text.length };
    if (height(module) > nestingLimit) throw nestedTooDeeply(0, 0);
    return ok({ module, map, comments: tokens.comments });
  } catch (fault) {
    if (!(fault instanceof SyntaxFault)) throw fault;
    return err(fault.diagnostic(map));
  }
}

const codingLine = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/;
/** Encodings whose first 128 characters are ASCII's. */
const extendsAscii = /^(?:us-?)?ascii$|^latin-?1$|^iso-?8859-\d+$|^cp125\d$|^windows-125\d$|^koi8-[ru]$|^mac-?roman$/;

function checkCharacters(text: string, from: number): void {
  const nul = text.indexOf('\0');
  if (nul >= 0) throw new SyntaxFault('source code cannot contain null bytes', nul, nul + 1);
  const lines = text.slice(from, from + 1000).split(/\r\n?|\n/, 2);
  let at = from;
  for (const line of lines) {
    const declared = codingLine.exec(line)?.[1];
    if (declared) {
      const name = declared.toLowerCase().replaceAll('_', '-');
      const isUtf8 = name === 'utf-8' || name.startsWith('utf-8-') || name === 'utf8';
      const agrees = isUtf8 || (from === 0 && extendsAscii.test(name) && !/[^\0-\x7f]/.test(text));
      if (!agrees) {
        throw new SyntaxFault(`the encoding '${declared}' is not supported`, at, at + line.length, {
          severity: 'unsupported',
          expected: 'UTF-8',
        });
      }
      return;
    }
    if (!/^[ \t\f]*(?:#.*)?$/.test(line)) return;
    at += line.length + 1;
  }
}
