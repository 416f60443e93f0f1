/**
 * Set-up on a fresh clone, shared by the scripts: installs what package-lock.json names and builds dist/, each only when
 * needed. Everything it says goes to stderr, so that the command line's own output stays clean.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const say = (text) => process.stderr.write(`${text}\n`);

function stop(text, output) {
  say(text);
  if (output) say(output.trim().split('\n').slice(-20).join('\n'));
  process.exit(2);
}

/** Installs dependencies when there are none, or when the lock file names others. A linked node_modules is left alone. */
export function install() {
  const modules = join(root, 'node_modules');
  const stamp = join(modules, '.tertium-lock');
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const hash = createHash('sha256').update(lockText).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  if (existsSync(modules) && (lstatSync(modules).isSymbolicLink() || installed(JSON.parse(lockText)))) {
    if (!lstatSync(modules).isSymbolicLink()) writeFileSync(stamp, hash);
    return;
  }
  say('tertium: installing dependencies (once) ...');
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  const first = spawnSync('npm', ['ci', ...flags], { cwd: root, encoding: 'utf8' });
  if (first.status !== 0) {
    // A registry that lacks a package for another platform makes `npm ci` refuse; a plain install does not mind.
    const second = spawnSync('npm', ['install', '--no-save', ...flags], { cwd: root, encoding: 'utf8' });
    if (second.status !== 0) stop('tertium: npm could not install the dependencies:', second.stderr || first.stderr);
  }
  writeFileSync(stamp, hash);
}

/** Whether every package that the lock file requires on this platform is there in its version. */
function installed(lock) {
  return Object.entries(lock.packages).every(([path, about]) => {
    if (path === '' || about.optional) return true;
    const manifest = join(root, path, 'package.json');
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === about.version;
  });
}

/** The time of the newest file below a path, in ms since 1970; 0 if there is none. */
function newest(path) {
  if (!existsSync(path)) return 0;
  const about = statSync(path);
  if (!about.isDirectory()) return about.mtimeMs;
  let time = about.mtimeMs;
  for (const name of readdirSync(path)) time = Math.max(time, newest(join(path, name)));
  return time;
}

/** bench/ also holds results, which are no reason to build. */
const benchSources = () =>
  readdirSync(join(root, 'bench'))
    .filter((n) => n.endsWith('.ts'))
    .map((n) => join('bench', n));

/** Builds dist/ when it is missing or older than a source. */
export async function build() {
  const stamp = join(root, 'dist', '.built');
  const inputs = ['src', ...benchSources(), 'scripts/build.mjs', 'scripts/cli-loader.cjs', 'package.json'].map((name) =>
    newest(join(root, name)),
  );
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= Math.max(...inputs)) return;
  const began = new Date();
  say('tertium: building ...');
  try {
    const { bundle } = await import('./build.mjs');
    await bundle();
  } catch (error) {
    stop('tertium: the build failed:', String(error?.message ?? error));
  }
  writeFileSync(stamp, '');
  utimesSync(stamp, began, began);
}
