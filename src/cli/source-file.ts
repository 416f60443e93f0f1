import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { err, ok, type Result } from '../base/result.ts';
import type { Source } from '../base/span.ts';

/** Reads the user's files. Whatever is wrong with one is a sentence. */
export const largestFileMegabytes = 64;

export function readSourceFile(path: string, workingFolder: string): Result<Source, string> {
  const full = resolve(workingFolder, path);
  let bytes: Buffer;
  try {
    const about = statSync(full);
    if (about.isDirectory()) return err(`${path} is a folder; give a file in it`);
    if (about.size > largestFileMegabytes * 1_000_000) {
      return err(`${path} has ${Math.ceil(about.size / 1_000_000)} MB; the limit is ${largestFileMegabytes} MB`);
    }
    bytes = readFileSync(full);
  } catch (error) {
    return err(cannotRead(path, error as NodeJS.ErrnoException));
  }
  if (bytes.length === 0) return err(`${path} is empty`);
  const decoded = decode(path, bytes);
  if (!decoded.ok) return decoded;
  if (decoded.value.trim() === '') return err(`${path} holds nothing but white space`);
  return ok({ path, text: decoded.value });
}

function cannotRead(path: string, error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `there is no file ${path}`;
    case 'EACCES':
    case 'EPERM':
      return `${path} may not be read (permission denied)`;
    default:
      return `${path} cannot be read (${error.code ?? error.message})`;
  }
}

function decode(path: string, bytes: Buffer): Result<string, string> {
  if (bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))) {
    return err(`${path} is written in UTF-16; save it as UTF-8`);
  }
  const zero = bytes.indexOf(0);
  if (zero >= 0) return err(`${path} is not a text file (a zero byte at offset ${zero})`);
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
    return ok(text);
  } catch {
    const { line, byte } = firstBadByte(bytes);
    return err(`${path} is not UTF-8: line ${line} has the byte 0x${byte.toString(16)}; save it as UTF-8`);
  }
}

/** The first byte at which decoding fails, found by halving. */
function firstBadByte(bytes: Buffer): { line: number; byte: number } {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, middle + 1), { stream: true });
      low = middle + 1;
    } catch {
      high = middle;
    }
  }
  // The failure shows at the byte after a sequence that was left unfinished: the sequence's first byte is the bad one.
  let bad = Math.min(low, bytes.length - 1);
  for (let back = 1; back <= 3 && bad - back >= 0; back++) {
    const lead = bytes[bad - back]!;
    const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    if (length > back) {
      bad -= back;
      break;
    }
    if (lead < 0x80) break;
  }
  let line = 1;
  for (let i = 0; i < bad; i++) if (bytes[i] === 10) line++;
  return { line, byte: bytes[bad]! };
}

/** FILE:FUNCTION, unless a file has that whole name. */
export function splitTarget(target: string, workingFolder: string): { path: string; functionName?: string } {
  const match = /^(.+):([A-Za-z_][\w.]*)$/.exec(target);
  if (!match || exists(resolve(workingFolder, target))) return { path: target };
  return { path: match[1]!, functionName: match[2]! };
}

/** The files of one program, and the function that one of them may name. */
export interface Program {
  readonly paths: readonly string[];
  readonly sources: readonly Source[];
  readonly functionName?: string;
}

/** Reads all files that are asked about. Several must be of one language that links files; a function is named at most once. */
export function readProgram(targets: readonly string[], workingFolder: string): Result<Program, string> {
  const split = targets.map((target) => splitTarget(target, workingFolder));
  const named = split.filter((t) => t.functionName !== undefined);
  if (named.length > 1) return err(`two functions are asked about: ${named.map((t) => t.functionName).join(' and ')}`);
  const paths = split.map((t) => t.path);
  const twice = paths.find(
    (path, i) => paths.findIndex((p) => resolve(workingFolder, p) === resolve(workingFolder, path)) < i,
  );
  if (twice !== undefined) return err(`${twice} is given twice`);
  const sources: Source[] = [];
  for (const path of paths) {
    const source = readSourceFile(path, workingFolder);
    if (!source.ok) return source;
    sources.push(source.value);
  }
  const functionName = named[0]?.functionName;
  return ok({ paths, sources, ...(functionName === undefined ? {} : { functionName }) });
}

function exists(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Finds a user's include or import beside the file that names it. */
export function includer(workingFolder: string): (path: string, from: string) => Source | undefined {
  return (path, from) => {
    const beside = join(dirname(from), path);
    const found = readSourceFile(beside, workingFolder);
    return found.ok ? found.value : undefined;
  };
}
