#!/usr/bin/env node
// Starts the command line from its bundle with V8's code cache, which halves the time of a short answer. The cache is made by
// scripts/build.mjs; another version of Node rejects it and compiles as usual.
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script, constants } = require('node:vm');

const file = join(__dirname, 'cli-bundle.cjs');
const cacheFile = join(__dirname, 'cli-bundle.cache');
const making = process.env.TERTIUM_MAKE_CACHE === '1';

function cached() {
  try {
    return making ? undefined : readFileSync(cacheFile);
  } catch {
    return undefined;
  }
}

const code = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`;
const script = new Script(code, {
  filename: file,
  cachedData: cached(),
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
// Made at the end, so that what was compiled on the way is in it.
if (making) process.on('exit', () => writeFileSync(cacheFile, script.createCachedData()));
const bundle = { exports: {} };
script.runInThisContext()(bundle.exports, require, bundle, file, __dirname);
