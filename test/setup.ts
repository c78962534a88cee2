import fc from 'fast-check';

/** One seed for every run, so that what passed before a merge passes after it; `MESHWISE_SEED` hunts with another. */
const seed = Number(process.env['MESHWISE_SEED'] ?? 20261121);

fc.configureGlobal({ seed });
