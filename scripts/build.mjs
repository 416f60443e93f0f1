/**
 * Bundles src/ into dist/ with esbuild. The command line is one file, started with V8's code cache (cli-loader.cjs): reading
 * fifty small modules takes longer than answering an easy question. The library and the bench share chunks, and the z3 worker
 * is a file of its own.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, root } from './setup.mjs';

export async function bundle() {
  const esbuild = await import('esbuild');
  const fresh = join(root, `dist.${process.pid}`);
  const common = {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20',
    external: ['z3-solver'],
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'silent',
  };
  try {
    await esbuild.build({
      ...common,
      entryPoints: ['src/cli/entry.ts'],
      outfile: join(fresh, 'cli-bundle.cjs'),
      format: 'cjs',
      define: { 'import.meta.url': 'bundleUrl' },
      banner: { js: 'const bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
    });
    await esbuild.build({
      ...common,
      entryPoints: { index: 'src/index.ts', bench: 'bench/main.ts', 'bench-worker': 'bench/worker.ts' },
      outdir: fresh,
      splitting: true,
      format: 'esm',
      chunkNames: 'chunks/[name]-[hash]',
    });
    copyFileSync(join(root, 'src/solvers/z3-worker.mjs'), join(fresh, 'z3-worker.mjs'));
    copyFileSync(join(root, 'scripts/cli-loader.cjs'), join(fresh, 'cli.cjs'));
    chmodSync(join(fresh, 'cli.cjs'), 0o755);
    makeCodeCache(fresh);
    // Two builds at the same time must not see halves of each other.
    rmSync(join(root, 'dist'), { recursive: true, force: true });
    renameSync(fresh, join(root, 'dist'));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Answers an easy question once, so that the cache holds what such an answer needs. Without a cache all works, slower. */
function makeCodeCache(folder) {
  const example = join(root, 'examples', 'essay', 'g.c');
  spawnSync(process.execPath, [join(folder, 'cli.cjs'), ...(existsSync(example) ? [example] : ['help'])], {
    env: { ...process.env, TERTIUM_MAKE_CACHE: '1' },
    stdio: 'ignore',
    timeout: 30_000,
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  install();
  await bundle();
}
