import { z } from 'zod';
import { apiVersion } from '../parts/words.ts';

/** What `-o json` prints where a command fails. */
export const failure = z.object({
  apiVersion,
  kind: z.literal('Error'),
  code: z.string().describe('stable kebab-case code that scripts may match on'),
  message: z.string(),
  hints: z.array(z.string()).describe('what to do next, one sentence each'),
});
