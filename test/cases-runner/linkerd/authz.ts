import { whyRefusedByLinkerd } from '../../../src/domain/mesh/linkerd/policy/admission.ts';
import { asList, asText, asTextMap, at } from '../../../src/lib/json.ts';
import { linkerdObject } from './policy-objects.ts';
import { answerOf, policyWorld } from './policy-world.ts';

const NAMESPACE = 'ns-a';
const IDENTITIES = 'ids';

/** Answers a case of the group `authz` in the form of its `expect`. */
export function run(input: unknown): unknown {
  if (at(input, 'admit') !== undefined) return runAdmission(at(input, 'admit'));
  if (at(input, 'clientId') !== undefined) return runIdentity(input);
  const namespace = asText(at(input, 'pod', 'namespace')) ?? NAMESPACE;
  const plane = {
    clusterDefault: asText(at(input, 'clusterDefault')),
    clusterNetworks: at(input, 'clusterNetworks'),
    probeNetworks: at(input, 'probeNetworks'),
  };
  const pod = {
    namespace,
    labels: at(input, 'pod', 'labels'),
    annotations: { ...asTextMap(at(input, 'pod', 'annotations')), ...asTextMap(at(input, 'podAnnotations')) },
    ports: at(input, 'pod', 'ports'),
    probes: at(input, 'pod', 'probes'),
    containers: at(input, 'pod', 'containers'),
    initContainers: at(input, 'pod', 'initContainers'),
    meshed: at(input, 'meshed') !== false && at(input, 'pod', 'meshed') !== false,
  };
  const objects = asList(at(input, 'resources')).map((raw) => linkerdObject(raw, namespace));
  return answerOf(policyWorld(plane, pod, objects), input);
}

function runAdmission(raw: unknown): unknown {
  const refused = whyRefusedByLinkerd(linkerdObject(raw, NAMESPACE));
  return { admission: refused === undefined ? 'accept' : 'reject' };
}

/** The identity is asked of a Server that one MeshTLSAuthentication opens. */
function runIdentity(input: unknown): unknown {
  const authentication = at(input, 'meshTLSAuthentication');
  const resources = [
    { kind: 'Server', name: 'web', podSelector: {}, port: 80 },
    { kind: 'MeshTLSAuthentication', ...(typeof authentication === 'object' ? authentication : {}), name: IDENTITIES },
    {
      kind: 'AuthorizationPolicy',
      name: 'web',
      targetRef: { kind: 'Server', name: 'web' },
      requiredAuthenticationRefs: [{ kind: 'MeshTLSAuthentication', name: IDENTITIES }],
    },
  ];
  const asked = policyWorld(
    {},
    { namespace: NAMESPACE, ports: [], meshed: true },
    resources.map((raw) => linkerdObject(raw, NAMESPACE)),
  );
  const client = { ip: '10.42.0.7', tls: at(input, 'clientId') };
  return answerOf(asked, { port: 80, client, request: { protocol: 'HTTP', method: 'GET', path: '/' } });
}
