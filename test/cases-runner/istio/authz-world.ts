import { asNumber, asObject, asText, asTextMap, at, asList } from '../../../src/lib/json.ts';
import { istio } from '../../../src/domain/mesh/istio/istio.ts';
import type { AuthorizeQuestion } from '../../../src/domain/mesh/mesh.ts';
import { known } from '../../../src/domain/world/fact.ts';
import { completeWorld, controlPlane, pod } from '../case-world.ts';
import { policyObject, textIn } from './authz-objects.ts';
import { podEnd } from './seam-ends.ts';

const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';

/** Whether the policy attaches to a sidecar of the case's workload; undefined for gateways and waypoints. */
export function attachmentInWorld(input: unknown): unknown {
  const labels = asTextMap(at(input, 'workload', 'labels'));
  if (Object.hasOwn(labels, GATEWAY_NAME) || at(input, 'workload', 'waypoint') === true) return undefined;
  const namespace = textIn(at(input, 'workload'), 'namespace');
  const world = completeWorld([
    ...controlPlane({ mesh: { rootNamespace: textIn(input, 'rootNamespace') } }),
    pod({ namespace, name: 'server', labels, sidecar: true }),
    policyObject(at(input, 'policy'), 0),
  ]);
  return { attached: istio.policies(podEnd(world, namespace, 'server'), world).policies.length > 0 };
}

/** The facts of a connection that a call can carry; a case that rests on others is asked of the rule itself. */
const SAYABLE: readonly string[] = ['proto', 'port', 'ip', 'spiffe', 'host', 'method', 'path', 'headers'];

/** The seam's answer about a sidecar in the namespace of the policies; undefined where no world says what the case says. */
export function decisionInWorld(input: unknown): unknown {
  const raw = at(input, 'connection');
  const isSayable = Object.keys(asObject(raw) ?? {}).every((key) => SAYABLE.includes(key));
  const handledAs = textIn(raw, 'proto') === 'tcp' ? 'tcp' : 'http';
  if (!isSayable || at(input, 'dataplane') === 'ztunnel' || textIn(raw, 'proto') === 'auto') return undefined;
  const policies = asList(at(input, 'policies')).map(policyObject);
  const namespace = policies[0]?.metadata.namespace ?? 'default';
  const mesh = { trustDomain: at(input, 'trustDomain'), trustDomainAliases: at(input, 'trustDomainAliases') };
  const world = completeWorld([
    ...controlPlane({ mesh }),
    pod({ namespace, name: 'server', sidecar: true }),
    ...policies,
  ]);
  const spiffe = asText(at(raw, 'spiffe'));
  const fields = ['host', 'method', 'path'].filter((field) => asText(at(raw, field)) !== undefined);
  const request = Object.fromEntries(fields.map((field) => [field, textIn(raw, field)]));
  const question: AuthorizeQuestion = {
    server: { ...podEnd(world, namespace, 'server'), port: asNumber(at(raw, 'port')) ?? 0 },
    arrival: {
      sender: 'workload',
      wire: spiffe === undefined ? 'plaintext' : 'mtls',
      payload: handledAs,
      serverFirst: known(false),
    },
    handledAs,
    identity: known(spiffe),
    request: { ...request, sourceIp: textIn(raw, 'ip') },
  };
  return { decision: istio.authorize(question, world).decision };
}
