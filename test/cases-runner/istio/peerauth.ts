import { ztunnelAcceptsPlaintext } from '../../../src/domain/mesh/istio/ambient/converted-peer-authentication.ts';
import { readByRevision } from '../../../src/domain/mesh/istio/config-visibility.ts';
import { effectiveMode } from '../../../src/domain/mesh/istio/mtls/effective-mode.ts';
import {
  inboundResult,
  type DeclaredPort,
  type InboundConnection,
  type InboundResult,
} from '../../../src/domain/mesh/istio/mtls/inbound-filter-chain.ts';
import {
  parsePeerAuthentication,
  type MtlsMode,
  type PeerAuthentication,
} from '../../../src/domain/mesh/istio/mtls/peer-authentication.ts';
import { policyLevels } from '../../../src/domain/mesh/istio/mtls/policy-levels.ts';
import { validatePeerAuthentication } from '../../../src/domain/mesh/istio/mtls/validate-peer-authentication.ts';
import type { Inbound } from '../../../src/domain/mesh/mesh.ts';
import {
  asList,
  asNumber,
  asObject,
  asObjects,
  asText,
  asTextMap,
  at,
  type JsonObject,
} from '../../../src/lib/json.ts';
import { inboundInWorld, modeInWorld, modesInWorld, readInWorld, serverWorld } from './peerauth-world.ts';
import { plaintextInWorld } from './ambient-world.ts';
import { trafficInWorld } from './traffic-class-world.ts';

/** A container port that no case names, for what holds on all other ports. */
const OTHER_PORT = 1;

/** Answers a case of the group `peerauth` in the form of its `expect`; undefined for a form that it does not know. */
export function run(input: unknown, topic: string): unknown {
  return TOPICS[topic]?.(input);
}

const TOPICS: Readonly<Record<string, (input: unknown) => unknown>> = {
  'effective-mode': (input) => modesInWorld(input, OTHER_PORT, Object.keys(effectiveMode(inputOf(input)).ports)),
  'port-level': runPortLevel,
  'inbound-filter-chain': runFilterChain,
  'traffic-class': (input) => trafficInWorld(textAt(input, 'effectiveMode'), textAt(input, 'traffic')),
  validation: (input) => ({ valid: validatePeerAuthentication(at(input, 'spec')).length === 0 }),
  'config-visibility': runConfigVisibility,
  ambient: runAmbient,
};

/** The rule tells more than the seam (which error, whether TLS ends); where both speak they must agree. */
function runFilterChain(input: unknown): unknown {
  const mode = textAt(input, 'effectiveMode') as MtlsMode;
  const declared = textAt(input, 'port', 'declared') as DeclaredPort;
  const connection = connectionOf(input);
  const byRule = inboundResult({ mode, declared, connection });
  const policies = [{ name: 'p', namespace: 'default', mode }];
  const asked = serverWorld({ policies, workload: { namespace: 'default' } }, { '8080': declared });
  return agreed(byRule, inboundInWorld(asked, 8080, connection), connection);
}

/** Bytes that reach the application as TLS that it cannot read are accepted by the proxy and refused in the end. */
function agreed(byRule: InboundResult, bySeam: Inbound, connection: InboundConnection): unknown {
  const passedOn = connection.wire !== 'plaintext' && !byRule.tlsTerminated && byRule.result === 'accept';
  const expected = { accept: 'accepted', reject: 'refused', unknown: 'unknown' }[byRule.result];
  if (passedOn || bySeam.outcome === expected) return byRule;
  return { ...byRule, result: `the rule says ${byRule.result}, the seam ${bySeam.outcome}: ${bySeam.why}` };
}

function runPortLevel(input: unknown): unknown {
  const targetPort = asNumber(at(asList(at(input, 'service', 'ports'))[0], 'targetPort'));
  if (targetPort !== undefined) return { modeOnTargetPort: modeInWorld(serverWorld(input), targetPort).declared };
  const port = asNumber(at(input, 'connection', 'port'));
  if (port === undefined) return undefined;
  const declaredPorts = asTextMap(at(input, 'declaredPorts')) as Readonly<Record<string, DeclaredPort>>;
  const asked = serverWorld(input, declaredPorts);
  const effectiveMode = modeInWorld(asked, port).declared;
  const declared = declaredPorts[String(port)] ?? 'none';
  const connection = connectionOf(input);
  const byRule = inboundResult({ mode: effectiveMode as MtlsMode, declared, connection });
  const both = agreed(byRule, inboundInWorld(asked, port, connection), connection);
  return { effectiveMode, result: at(both, 'result') };
}

function runConfigVisibility(input: unknown): unknown {
  // An istiod that serves no revision cannot be stated as a world: REVISION defaults to "default".
  return at(input, 'istiodRevision') === '' && at(input, 'discoverySelectors') === undefined
    ? { read: readByRevision(asTextMap(at(input, 'resourceLabels')), '').read }
    : readInWorld(input);
}

/** The rule and the seam must agree on every port. */
function runAmbient(input: unknown): unknown {
  const { policies, workload, rootNamespace } = inputOf(input);
  const levels = policyLevels(policies, workload, rootNamespace);
  const answer = (port: number): string => {
    const accepts = ztunnelAcceptsPlaintext(levels, port);
    const byRule = accepts.known ? (accepts.value ? 'accept' : 'reject') : 'unknown';
    const bySeam = plaintextInWorld(input, port);
    return byRule === bySeam ? byRule : `the rule says ${byRule}, the seam ${bySeam}`;
  };
  const named = asObjects(at(input, 'policies')).flatMap(({ ports }) => Object.keys(asObject(ports) ?? {}));
  const byPort = named.map((port) => [port, answer(Number(port))]);
  return { plaintext: { ...(Object.fromEntries(byPort) as object), other: answer(OTHER_PORT) } };
}

function inputOf(input: unknown) {
  return {
    policies: asObjects(at(input, 'policies')).map(policyOf),
    workload: {
      namespace: asText(at(input, 'workload', 'namespace')) ?? '',
      labels: asTextMap(at(input, 'workload', 'labels')),
    },
    rootNamespace: asText(at(input, 'rootNamespace')) ?? 'istio-system',
  };
}

function policyOf(policy: JsonObject): PeerAuthentication {
  const created = asText(policy['created']);
  const ports = Object.entries(asObject(policy['ports']) ?? {}).map(([port, mode]) => [port, { mode }]);
  return parsePeerAuthentication({
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: {
      name: asText(policy['name']) ?? '',
      namespace: asText(policy['namespace']) ?? '',
      ...(created === undefined ? {} : { creationTimestamp: created }),
      labels: {},
      annotations: {},
      ownerReferences: [],
    },
    origin: { from: 'read' },
    spec: {
      ...(policy['selector'] === undefined ? {} : { selector: { matchLabels: policy['selector'] } }),
      ...(policy['mode'] === undefined ? {} : { mtls: { mode: policy['mode'] } }),
      ...(policy['ports'] === undefined ? {} : { portLevelMtls: Object.fromEntries(ports) as unknown }),
    },
  });
}

function connectionOf(input: unknown): InboundConnection {
  return {
    wire: textAt(input, 'connection', 'wire') as InboundConnection['wire'],
    payload: textAt(input, 'connection', 'payload') as InboundConnection['payload'],
  };
}

function textAt(input: unknown, ...path: readonly string[]): string {
  return asText(at(input, ...path)) ?? '';
}
