#!/usr/bin/env node
import nodeModule from 'node:module';

nodeModule.enableCompileCache?.();

// A reader that stops early (`| head`) is no failure: the command still ends with its own exit status.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (['EPIPE', 'ERR_STREAM_DESTROYED'].includes(error.code)) return;
    if (!['ENOSPC', 'EIO', 'EDQUOT'].includes(error.code)) throw error;
    if (stream === process.stdout) console.error(`error: the output cannot be written: ${error.code} [cannot-write]`);
    process.exit(2);
  });
}

// Node.js and oclif end with 1 for whatever goes wrong outside a command, and 1 means "the answer is no".
function endAsBug(error) {
  const detail = process.argv.includes('--debug') ? error?.stack : String(error);
  console.error(`error: this is a bug in meshwise: ${String(detail).replace(/[^\x20-\x7e\n]/g, '?')} [bug]`);
  console.error('  hint: please report it, with the output of the same command with --debug added');
  process.exit(5);
}
process.on('uncaughtException', endAsBug);

const { handle, run } = await import('@oclif/core');
await run(process.argv.slice(2), import.meta.url).catch((error) =>
  typeof error?.oclif?.exit === 'number' ? handle(error) : endAsBug(error),
);
