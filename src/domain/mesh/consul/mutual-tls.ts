import { KIND } from '../../kubernetes/kinds.ts';
import type { Evidence } from '../../world/evidence.ts';
import { known, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import type { PortMode, ServerEnd } from '../mesh.ts';
import { consulServices, entrySetting } from './config-entries.ts';
import { excludesInbound, transparentProxy } from './transparent-proxy.ts';

const SOURCE = 'https://developer.hashicorp.com/consul/docs/k8s/connect/onboarding-tproxy-mode';
const FIELD = 'mutualTLSMode';

/**
 * The mode in force on a container port. The proxy's own port always demands mTLS; the application's is guarded only
 * where traffic is redirected, and permissive mode lets plaintext through to it, past every intention.
 */
export function consulPortMode(server: ServerEnd, world: World): PortMode {
  const { workload, cohort, port } = server;
  const redirected = transparentProxy(workload.namespace, cohort.pod, world);
  if (!redirected.known) return unknownMode(redirected.reason);
  if (!redirected.value) {
    return open(
      'mTLS on the proxy port, this one is open',
      'Without transparent proxy callers reach the application in plaintext.',
    );
  }
  if (excludesInbound(cohort.pod, port)) {
    return open('left out of the transparent proxy', 'An excluded inbound port passes by the sidecar.');
  }
  const names = consulServices(server, world);
  if (!names.known) return unknownMode(names.reason);
  const settings = names.value.map((name) => mutualTlsMode(name, world));
  const modes = settings.map((setting) => toPortMode(setting, world));
  return (
    modes.find(({ mode }) => mode === 'unknown') ??
    modes.find(({ mode }) => mode === 'permissive') ??
    modes[0] ??
    unknownMode('no service')
  );
}

interface MutualTls {
  readonly mode: string;
  readonly evidence: Evidence;
}

/** ServiceDefaults, then ProxyDefaults, then strict; `Mesh.allowEnablingPermissiveMutualTLS` only guards writing it. */
function mutualTlsMode(service: string, world: World): Fact<MutualTls> {
  for (const entry of [
    { kind: KIND.consulServiceDefaults, name: service },
    { kind: KIND.consulProxyDefaults, name: 'global' },
  ]) {
    const setting = entrySetting(world, entry, FIELD);
    if (!setting.known) return setting;
    if (setting.value !== undefined) return known({ mode: setting.value.value, evidence: setting.value.evidence });
  }
  const rule =
    'No ServiceDefaults or ProxyDefaults in the cluster sets mutualTLSMode, so it is strict, unless somebody set it in Consul itself.';
  return known({ mode: 'strict', evidence: { rule, source: SOURCE } });
}

function toPortMode(setting: Fact<MutualTls>, world: World): PortMode {
  if (!setting.known) return unknownMode(setting.reason);
  const { mode, evidence } = setting.value;
  if (mode === 'strict') return { mode, declared: mode, evidence: [evidence] };
  if (mode !== 'permissive') return unknownMode(`mutualTLSMode is ${mode}, which is not known here`);
  const gate = permissiveGate(world);
  return { mode, declared: mode, evidence: [evidence, PAST_INTENTIONS, ...gate] };
}

const PAST_INTENTIONS: Evidence = {
  rule: 'Intentions do not hold for the plaintext that permissive mode lets in.',
  source: SOURCE,
};

/** What the gate for permissive mode says now; closing it takes nothing back. */
function permissiveGate(world: World): readonly Evidence[] {
  const gate = entrySetting(world, { kind: KIND.consulMesh, name: 'mesh' }, 'allowEnablingPermissiveMutualTLS');
  if (!gate.known) return [{ rule: `whether permissive mode may still be set is not known: ${gate.reason}` }];
  const isOpen = gate.value?.value === 'true';
  const rule = isOpen
    ? 'The gate is open: anybody who may write ServiceDefaults may set permissive mode.'
    : 'The gate is closed, and the permissive mode that was set before stays in force.';
  return [{ ...gate.value?.evidence, rule }];
}

function open(declared: string, rule: string): PortMode {
  return { mode: 'disabled', declared, evidence: [{ rule, source: SOURCE }] };
}

function unknownMode(rule: string): PortMode {
  return { mode: 'unknown', declared: 'unknown', evidence: [{ rule }] };
}
