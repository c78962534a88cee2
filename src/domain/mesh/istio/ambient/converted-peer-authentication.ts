import { known, unknown, type Fact } from '../../../world/fact.ts';
import type { DeclaredMode } from '../mtls/peer-authentication.ts';
import { choicesIn, rivalry, type PolicyChoice, type PolicyLevels } from '../mtls/policy-levels.ts';

/**
 * What ztunnel does with connections without a mesh identity: it refuses them on all ports or on none, except on those
 * listed, where it does the opposite. HBONE is always accepted.
 */
export interface PlaintextRule {
  readonly refuses: boolean;
  readonly exceptPorts: readonly string[];
}

/**
 * Whether ztunnel takes plaintext on a container port, from the PeerAuthentications in force. DISABLE counts as
 * PERMISSIVE. Unknown where the age of rival policies matters or a mode is not valid.
 * Source: istio architecture/ambient/peer-authentication.md, pilot/pkg/serviceregistry/ambient/authorization.go
 * #convertedSelectorPeerAuthentications, #convertPeerAuthentication.
 */
export function ztunnelAcceptsPlaintext(levels: Omit<PolicyLevels, 'ignored'>, port: number): Fact<boolean> {
  const key = String(port);
  const answers = choicesIn(levels).map((choice) => acceptsOn(choice, key));
  const [first, ...others] = answers;
  if (first === undefined) return known(true);
  if (!others.every((other) => other === first)) return unknown(rivalry(levels) ?? 'policies disagree');
  return first === 'invalid' ? unknown('a PeerAuthentication sets no valid mode') : known(first);
}

/** The converted policy of one certain choice of policies. Ask only where every mode is valid. */
export function plaintextRule(choice: PolicyChoice): PlaintextRule {
  const inherited = lastSet(choice.mesh?.mode, choice.namespace?.mode);
  const own = choice.workload?.mode ?? 'UNSET';
  const refuses = (own === 'UNSET' ? inherited : own) === 'STRICT';
  const ports = Object.entries(choice.workload?.portModes ?? {});
  const portsWith = (...modes: readonly DeclaredMode[]) =>
    ports.filter(([, mode]) => modes.includes(mode)).map(([port]) => port);
  if (!refuses) return { refuses, exceptPorts: portsWith('STRICT') };
  // With an inherited STRICT the converted policy is attached only for the sake of a PERMISSIVE port; without one, the
  // static STRICT policy stays and a DISABLE port has no effect.
  const isAttached = own === 'STRICT' || portsWith('PERMISSIVE').length > 0;
  return { refuses, exceptPorts: isAttached ? portsWith('PERMISSIVE', 'DISABLE') : [] };
}

function acceptsOn(choice: PolicyChoice, port: string): boolean | 'invalid' {
  const policies = [choice.mesh, choice.namespace, choice.workload];
  const modes = policies.flatMap((policy) => (policy === undefined ? [] : [policy.mode]));
  const portModes = Object.values(choice.workload?.portModes ?? {});
  if ([...modes, ...portModes].includes('invalid')) return 'invalid';
  const { refuses, exceptPorts } = plaintextRule(choice);
  return refuses === exceptPorts.includes(port);
}

function lastSet(mesh: DeclaredMode | undefined, namespace: DeclaredMode | undefined): DeclaredMode {
  if (namespace !== undefined && namespace !== 'UNSET') return namespace;
  return mesh ?? 'UNSET';
}
