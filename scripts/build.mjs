/**
 * Bundles src/ into dist/ with esbuild: the command line, the library, and the workers as entries of their own. Code that
 * is imported on demand (front ends, engines, solvers) becomes chunks, so that starting loads only what the question needs.
 */
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, root } from './setup.mjs';

const entries = {
  cli: 'src/cli/entry.ts',
  index: 'src/index.ts',
  bench: 'bench/main.ts',
  'bench-worker': 'bench/worker.ts',
};

export async function bundle() {
  const esbuild = await import('esbuild');
  const fresh = join(root, `dist.${process.pid}`);
  const present = Object.fromEntries(Object.entries(entries).filter(([, path]) => existsSync(join(root, path))));
  try {
    await esbuild.build({
      absWorkingDir: root,
      entryPoints: present,
      outdir: fresh,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      external: ['z3-solver', 'yaml'],
      minifySyntax: true,
      minifyWhitespace: true,
      chunkNames: 'chunks/[name]-[hash]',
      logLevel: 'silent',
    });
    const worker = join(root, 'src/solvers/z3-worker.mjs');
    if (existsSync(worker)) copyFileSync(worker, join(fresh, 'z3-worker.mjs'));
    // Two builds at the same time must not see halves of each other.
    rmSync(join(root, 'dist'), { recursive: true, force: true });
    renameSync(fresh, join(root, 'dist'));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  install();
  await bundle();
}
