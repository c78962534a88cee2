import { KIND } from '../kubernetes/kinds.ts';
import type { Kind } from '../kubernetes/object.ts';

/** What is asked of a cluster: every kind that a rule names. Never Secrets; ConfigMaps by name alone. */
export const ASKED_KINDS: readonly Kind[] = Object.values(KIND);
