import fc from 'fast-check';

/**
 * Property tests draw the same examples on every run, so that a red test is the change's fault; `TERTIUM_SEED=N` (or `random`)
 * draws others, for looking further than CI does.
 */
const wanted = process.env.TERTIUM_SEED;
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted ?? 20261123) });
