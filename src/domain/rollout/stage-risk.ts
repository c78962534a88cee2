import type { StageKind } from './plan.ts';

/** The worst that a stage of a kind can do if it is wrong, in one line; stages that know more say so themselves. */
export const RISK_OF_KIND: Readonly<Record<StageKind, string>> = {
  preflight: 'None: it is reading and deciding.',
  trust: 'A wrong root or trust domain shows later, as a second restart of everything.',
  'control-plane': 'An injection webhook that fails closed keeps pods that ask for a proxy from starting.',
  'node-agents': 'A broken agent stops every pod start on its node.',
  telemetry: 'Gates that see nothing look like gates that see no trouble.',
  'break-glass': 'None: it is rehearsing.',
  scoping: 'A host that is left out of the scope is called in plaintext, which STRICT refuses later.',
  enrol: 'Pods restart or lose their open connections, and a port whose protocol is not declared may stall.',
  strict: 'A caller that nobody saw sends plaintext and is refused.',
  shadow: 'None for calls: what would be refused is counted only.',
  allow: 'A rule that is missing shows only when the catch-all goes.',
  deny: 'A caller that no rule names is refused.',
  default: 'A workload that no rule names is shut for everybody.',
  operate: 'Drift: what is born outside the mesh, and what ends unnoticed.',
};
