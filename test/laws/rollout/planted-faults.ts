import type { LawName } from './all-laws.ts';
import type { Obstacle } from './obstacles.ts';

/** Where a fault shows: among how many worlds of a kind, and by which laws; `calm` worlds must also be lively. */
export interface Where {
  readonly of: 'calm' | Obstacle;
  readonly seed: number;
  readonly within: number;
  readonly laws: readonly LawName[];
}

const SEED = 5;

function calm(...laws: readonly LawName[]): Where {
  return { of: 'calm', seed: SEED, within: 1, laws };
}

function at(of: Obstacle, ...laws: readonly LawName[]): Where {
  return { of, seed: SEED, within: 1, laws };
}

const UNMESHABLE = 'a caller on the network of its node';
const SERVER_FIRST = 'a port in which the server speaks first and which nobody declares';

/** The faults that are planted, and where they show. */
const WHERE = {
  'the youngest PeerAuthentication counts': at('two policies of theirs for one namespace', 'breaks'),
  'modes of ports are ignored': { ...at(UNMESHABLE, 'breaks'), within: 2 },
  'STRICT takes plaintext': at('a call by address', 'breaks'),
  'no server speaks first': at(SERVER_FIRST, 'breaks'),
  'DestinationRules are ignored': at('a rule of theirs by which nobody sends mutual TLS', 'breaks'),
  'stages are not simulated': at(SERVER_FIRST, 'breaks'),
  'steps touch no call': at(SERVER_FIRST, 'breaks'),
  'guesses count as observed': at('a server whose calls are only inferred', 'unwatched'),
  'exceptions say DISABLE': at(UNMESHABLE, 'breaks', 'shuts'),
  'exceptions name the port of the Service': at(UNMESHABLE, 'dangles'),
  'nothing is excepted': { ...at(UNMESHABLE, 'breaks'), within: 2 },
  'a caller is left out': calm('breaks'),
  'principals are of another trust domain': calm('breaks'),
  'everybody may call': calm('breaks'),
  'the shadow is enforced': calm('shuts'),
  'a policy selects nobody': calm('breaks', 'dangles'),
  'there is no catch-all': calm('breaks', 'shuts'),
  'deny admits everybody': calm('ends'),
  'STRICT is written beside what is there': calm('ends'),
  'pods are not made new': calm('breaks'),
  'a rollback restores nothing': calm('restores'),
  'rollbacks wait for nothing': calm('order'),
  'what is done is planned again': calm('remains'),
  'ids change from plan to plan': calm('remains'),
} as const satisfies Readonly<Record<string, Where>>;

/** The faults by what is wrong with them. */
export type Fault = keyof typeof WHERE;

/** Every fault with its place. */
export const FAULTS: readonly { readonly fault: Fault; readonly where: Where }[] = (
  Object.entries(WHERE) as [Fault, Where][]
).map(([fault, where]) => ({ fault, where }));
