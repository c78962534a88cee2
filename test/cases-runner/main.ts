import { join } from 'node:path';
import { report } from './report.ts';
import { runCases } from './run-cases.ts';

const folder = process.env['MESHWISE_CASES'] ?? join(import.meta.dirname, '..', 'cases');
const results = runCases(folder);
process.stdout.write(`${report(results).join('\n')}\n`);
process.exitCode = results.some(({ gates, failures }) => gates && failures.length > 0) ? 1 : 0;
