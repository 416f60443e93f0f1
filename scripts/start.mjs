/** `npm start -- ARGUMENTS`: the command line, after whatever set-up is missing. Its exit status is passed through. */
import { build, install } from './setup.mjs';

install();
await build();
await import('../dist/cli.cjs');
