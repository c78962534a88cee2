import { z } from 'zod';

/** A point in time. */
export const time = z.string().meta({ format: 'date-time' });

/** A count of something. */
export const count = z.int().min(0);

/** A TCP port. */
export const port = z.int().min(0).max(65_535);

/** A share of a whole. */
export const share = z.number().min(0).max(1);

/** Command lines, each a list of arguments. */
export const commandLine = z.array(z.string()).describe('one command line as a list of arguments; shown, never run');

/** Labels or annotations. */
export const textMap = z.record(z.string(), z.string());

/** What a contract says of its version. */
export const apiVersion = z.literal('meshwise.dev/v1alpha1');
