import { asList, asNumber, asObject, asText, asTextMap, asTexts, at } from '../../../src/lib/json.ts';
import { interopWire, type MeshMember } from '../../../src/domain/mesh/istio/destination-rule/ambient-interop.ts';
import {
  clusterDecision,
  endpointTakesMtls,
  inferServiceMode,
} from '../../../src/domain/mesh/istio/destination-rule/auto-mtls.ts';
import { serviceWire, type ClientWire } from '../../../src/domain/mesh/istio/destination-rule/client-wire.ts';
import { interplay } from '../../../src/domain/mesh/istio/destination-rule/interplay.ts';
import { lookUpRule } from '../../../src/domain/mesh/istio/destination-rule/lookup.ts';
import { mergeRules, type EffectiveRule } from '../../../src/domain/mesh/istio/destination-rule/merge.ts';
import { clusterTls, endpointTls } from '../../../src/domain/mesh/istio/destination-rule/tls-block.ts';
import { workloadEntryTlsMode } from '../../../src/domain/mesh/istio/destination-rule/workload-entry-tls-mode.ts';
import { effectiveMode, modeOnPort } from '../../../src/domain/mesh/istio/mtls/effective-mode.ts';
import {
  parsePeerAuthentication,
  type DeclaredMode,
  type MtlsMode,
} from '../../../src/domain/mesh/istio/mtls/peer-authentication.ts';
import type { DeclaredPort } from '../../../src/domain/mesh/istio/mtls/inbound-filter-chain.ts';
import { peerAuthenticationObject, ruleOf } from './destinationrule-objects.ts';
import { interopInWorld } from './ambient-world.ts';
import { interplayInWorld } from './interplay-world.ts';
import { known, type Fact } from '../../../src/domain/world/fact.ts';

/** Answers a case of the group `destinationrule-interplay` in the form of its `expect`; undefined for an unknown form. */
export function run(input: unknown, topic: string): unknown {
  return TOPICS[topic]?.(input);
}

const TOPICS: Readonly<Record<string, (input: unknown) => unknown>> = {
  'endpoint-mtls': runEndpoint,
  'cluster-tls': runCluster,
  'service-mode-inference': runServiceMode,
  'rule-lookup': runLookup,
  'tls-merge-cds': runClusterTls,
  interplay: runInterplay,
  'ambient-interop': runInterop,
  'workloadentry-tls-mode': (input) => ({
    tlsMode: workloadEntryTlsMode(asTextMap(at(input, 'labels')), asText(at(input, 'serviceAccount'))),
  }),
};

function runEndpoint(input: unknown): unknown {
  const endpoint = at(input, 'endpoint');
  const rule = ruleFor(input, textIn(input, 'service'), at(input, 'destinationRule'));
  const subset = asText(at(input, 'subset'));
  const target = { servicePort: asNumber(at(input, 'servicePort')) ?? 0, ...(subset === undefined ? {} : { subset }) };
  const effective = effectiveMode({
    policies: asList(at(input, 'policies')).map((raw) => parsePeerAuthentication(peerAuthenticationObject(raw))),
    workload: { namespace: textIn(endpoint, 'namespace'), labels: asTextMap(at(endpoint, 'labels')) },
    rootNamespace: asText(at(input, 'rootNamespace')) ?? 'istio-system',
  });
  const takes = endpointTakesMtls({
    rule: rule === undefined ? undefined : endpointTls(rule, target)?.mode,
    tlsMode: known(asText(at(endpoint, 'tlsMode'))),
    effectiveMode: modeOnPort(effective, asNumber(at(endpoint, 'port')) ?? 0).mode,
  });
  return { endpointMtls: takes.known ? takes.value : 'unknown' };
}

function runCluster(input: unknown): unknown {
  return clusterDecision({
    rule: tlsModeIn(input),
    enableAutoMtls: at(input, 'enableAutoMtls') === true,
    meshExternal: at(input, 'meshExternal') === true,
    serviceMode: modeIn(input, 'serviceMode') ?? 'UNKNOWN',
  });
}

function runServiceMode(input: unknown): unknown {
  const serviceMode = inferServiceMode({
    meshExternal: at(input, 'meshExternal') === true,
    passthrough: at(input, 'headless') === true || at(input, 'passthrough') === true,
    endpointTlsModes: asList(at(input, 'endpoints')).map(asText),
    namespaceMode: declaredIn(input, 'namespaceMode'),
    meshMode: declaredIn(input, 'meshMode'),
  });
  return { serviceMode };
}

function runLookup(input: unknown): unknown {
  const defaults = asTexts(at(input, 'defaultExportTo') ?? at(input, 'defaultDestinationRuleExportTo'));
  const found = lookUpRule(asList(at(input, 'rules')).map(ruleOf), {
    rootNamespace: textIn(input, 'rootNamespace'),
    defaultExportTo: defaults.length === 0 ? ['*'] : defaults,
    client: { namespace: textIn(at(input, 'client'), 'namespace'), labels: asTextMap(at(input, 'client', 'labels')) },
    service: { namespace: textIn(at(input, 'service'), 'namespace'), host: textIn(at(input, 'service'), 'host') },
  });
  return { rule: found.known ? (found.value?.refs[0]?.name ?? null) : 'unknown' };
}

function runClusterTls(input: unknown): unknown {
  const subset = at(input, 'subset');
  const raw = {
    host: 'example.ns.svc.cluster.local',
    trafficPolicy: at(input, 'trafficPolicy'),
    ...(subset === undefined ? {} : { subsets: [{ name: 's', ...asObject(subset) }] }),
  };
  const merged = mergeRules(ruleOf(raw), []);
  if (!merged.known) return { tls: 'unknown' };
  const servicePort = asNumber(at(input, 'servicePort')) ?? 0;
  return {
    tls: clusterTls(merged.value, { servicePort, ...(subset === undefined ? {} : { subset: 's' }) })?.mode ?? null,
  };
}

function runInterplay(input: unknown): unknown {
  // Where nobody says that the application serves TLS a case means that it does not; to the seam it is unknown.
  const inWorld = interplayInWorld(input);
  if (inWorld !== undefined && at(inWorld, 'outcome') !== 'unknown') return inWorld;
  const server = at(input, 'server');
  const sidecar = at(server, 'sidecar') === true;
  const declared = declaredPort(at(input, 'port', 'declared'));
  const withoutSidecar: Pick<ClientWire, 'wire'> = { wire: 'plaintext' };
  const wire: Fact<Pick<ClientWire, 'wire'>> =
    at(input, 'client', 'sidecar') === true ? wireOf(input, sidecar) : known(withoutSidecar);
  if (!wire.known) return { outcome: 'unknown' };
  const payload = declared === 'HTTP' ? 'http' : 'tcp';
  const mode = modeIn(server, 'mode') ?? 'PERMISSIVE';
  const { outcome } = interplay(wire.value, { sidecar, mode, declared, payload, appTls: at(input, 'appTls') === true });
  return { outcome };
}

function wireOf(input: unknown, serverSidecar: boolean): ReturnType<typeof serviceWire> {
  const server = at(input, 'server');
  const tls = at(input, 'destinationRuleTls');
  const raw = { host: 'example.ns.svc.cluster.local', trafficPolicy: { tls } };
  const rule = tls === null || tls === undefined ? undefined : ruleFor(input, raw.host, raw);
  const passthrough = at(input, 'service', 'headless') === true;
  const tlsMode = asText(at(server, 'tlsMode')) ?? (serverSidecar ? 'istio' : undefined);
  const mode = modeIn(server, 'mode') ?? 'PERMISSIVE';
  const meshExternal = at(input, 'service', 'meshExternal') === true;
  const serviceMode = inferServiceMode({
    meshExternal,
    passthrough,
    endpointTlsModes: [tlsMode],
    namespaceMode: declaredIn(server, 'namespaceMode') ?? mode,
    meshMode: undefined,
  });
  return serviceWire({
    rule,
    servicePort: 80,
    enableAutoMtls: known(at(input, 'enableAutoMtls') !== false),
    meshExternal,
    passthrough,
    serviceMode: known(serviceMode),
    endpoint: { tlsMode: known(tlsMode), effectiveMode: known(mode) },
  });
}

const MEMBERS: readonly string[] = ['sidecar', 'sidecar-hbone', 'gateway', 'ambient', 'waypoint', 'none'];

function runInterop(input: unknown): unknown {
  const client = memberIn(input, 'client');
  const server = memberIn(input, 'server');
  const headless = at(input, 'headless') === true || at(input, 'service', 'headless') === true;
  const wire = interopWire({ client, server, rule: tlsModeIn(input), headless });
  const byRule = wire === 'as-sidecar' ? asSidecar(input, server, headless) : wire;
  const bySeam = interopInWorld(input);
  // TLS in a tunnel ends at an application of which no object says what it serves.
  const agrees = bySeam === undefined || byRule === 'tls-in-hbone' || bySeam.replace('mtls', 'istio-mtls') === byRule;
  return { wire: agrees ? byRule : `the rule says ${byRule}, the seam ${bySeam}` };
}

function asSidecar(input: unknown, server: MeshMember, headless: boolean): string {
  const sent = wireOf(
    { destinationRuleTls: at(input, 'destinationRuleTls'), server: { mode: 'PERMISSIVE' }, service: { headless } },
    server === 'sidecar' || server === 'sidecar-hbone',
  );
  if (!sent.known) return 'unknown';
  return sent.value.wire === 'mtls' ? 'istio-mtls' : sent.value.wire;
}

function memberIn(input: unknown, field: string): MeshMember {
  const text = textIn(input, field);
  return MEMBERS.includes(text) ? (text as MeshMember) : 'none';
}

/** The rule merged alone, if its host is the service's. */
function ruleFor(input: unknown, host: string, raw: unknown): EffectiveRule | undefined {
  if (raw === undefined || raw === null) return undefined;
  const namespace = asText(at(input, 'endpoint', 'namespace')) ?? 'ns';
  const found = lookUpRule([ruleOf({ namespace, ...asObject(raw) })], {
    rootNamespace: 'istio-system',
    defaultExportTo: ['*'],
    client: { namespace, labels: {} },
    service: { namespace, host },
  });
  return found.known ? found.value : undefined;
}

function tlsModeIn(input: unknown): 'DISABLE' | 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL' | undefined {
  const text = asText(at(input, 'destinationRuleTls'));
  return text === 'DISABLE' || text === 'SIMPLE' || text === 'MUTUAL' || text === 'ISTIO_MUTUAL' ? text : undefined;
}

function modeIn(input: unknown, field: string): MtlsMode | undefined {
  const text = asText(at(input, field));
  return text === 'DISABLE' || text === 'PERMISSIVE' || text === 'STRICT' ? text : undefined;
}

function declaredIn(input: unknown, field: string): DeclaredMode | undefined {
  return asText(at(input, field)) === 'UNSET' ? 'UNSET' : modeIn(input, field);
}

function declaredPort(value: unknown): DeclaredPort {
  return value === 'TCP' || value === 'AUTO' || value === 'none' ? value : 'HTTP';
}

function textIn(value: unknown, field: string): string {
  return asText(at(value, field)) ?? '';
}
