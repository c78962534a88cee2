import { unknown } from '../../world/fact.ts';
import type { Mesh, PortMode } from '../mesh.ts';

/** What a mesh answers about calls, and the modes and policies behind them. */
export type CallAnswers = Pick<Mesh, 'outbound' | 'egress' | 'portMode' | 'inbound' | 'authorize' | 'policies'>;

/** Every answer about calls is unknown, for the given reason. */
export function unresolvedCalls(why: string): CallAnswers {
  const mode: PortMode = { mode: 'unknown', declared: 'unknown', evidence: [{ rule: why }] };
  return {
    outbound: () => ({ wire: 'unknown', identity: unknown(why), why, evidence: [] }),
    egress: () => unknown(why),
    portMode: () => mode,
    inbound: () => ({ outcome: 'unknown', handledAs: 'unknown', mode, why, evidence: [] }),
    authorize: () => ({ decision: 'unknown', by: 'none', why, evidence: [] }),
    policies: () => ({ default: 'unknown', policies: [], gap: why }),
  };
}
