import { asList, asText, asTextMap, at } from '../../../src/lib/json.ts';
import { linkerdObject } from './policy-objects.ts';
import { answerOf, policyWorld } from './policy-world.ts';

const NAMESPACE = 'ns-a';
const ANNOTATION = 'config.linkerd.io/default-inbound-policy';

/** Answers a case of the group `default-policy` in the form of its `expect`. */
export function run(input: unknown): unknown {
  const plane = {
    clusterDefault: asText(at(input, 'clusterDefault')),
    clusterNetworks: at(input, 'clusterNetworks'),
    probeNetworks: at(input, 'probeNetworks'),
  };
  const resources = [...asList(at(input, 'servers')), ...asList(at(input, 'resources'))];
  const objects = resources.map((raw) => linkerdObject(withKind(raw), NAMESPACE));
  const pod = {
    namespace: NAMESPACE,
    labels: at(input, 'podLabels') ?? at(input, 'pod', 'labels'),
    annotations: annotationsOf(input),
    ports: at(input, 'podPorts') ?? at(input, 'pod', 'ports') ?? [],
    probes: at(input, 'podProbes') ?? at(input, 'pod', 'probes'),
    containers: at(input, 'containers') ?? at(input, 'pod', 'containers'),
    meshed: at(input, 'meshed') !== false,
  };
  return answerOf(policyWorld(plane, pod, objects), input);
}

/** What the webhook took over from the namespace when the pod was made stands on the pod. */
function annotationsOf(input: unknown): Readonly<Record<string, string>> {
  const taken = asText(at(input, 'nsAnnotationAtCreation'));
  return { ...(taken === undefined ? {} : { [ANNOTATION]: taken }), ...asTextMap(at(input, 'podAnnotations')) };
}

function withKind(raw: unknown): unknown {
  return typeof raw === 'object' ? { kind: 'Server', ...raw } : raw;
}
