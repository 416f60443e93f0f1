/** `npm run bench -- FOLDER [--limit-s N] [--jobs N] [--sample N] [--json OUT]`; see bench/main.ts. */
import { build, install } from './setup.mjs';

install();
await build();
await import('../dist/bench.js');
