import { ambientEnrolment } from '../../../src/domain/mesh/istio/ambient/enrolment-labels.ts';
import type { NamespaceLabels } from '../../../src/domain/mesh/istio/config-visibility.ts';
import { detectProxy } from '../../../src/domain/mesh/istio/injection/detect-proxy.ts';
import { isNativeSidecar } from '../../../src/domain/mesh/istio/injection/native-sidecar.ts';
import { known } from '../../../src/domain/world/fact.ts';
import { readPodShape, type PodShape } from '../../../src/domain/world/pod-shape.ts';
import { asText, asTextMap, at } from '../../../src/lib/json.ts';
import { bothGatesInWorld, requiredInWorld, webhookInWorld } from './injection-world.ts';

/** Answers a case of the group `injection` in the form of its `expect`; undefined for a form that it does not know. */
export function run(input: unknown, topic: string): unknown {
  switch (topic) {
    case 'webhook-selector':
      return webhookInWorld(input);
    case 'inject-required':
      return requiredInWorld(input);
    case 'end-to-end':
      return bothGatesInWorld(input);
    case 'native-sidecar':
      return runNativeSidecar(input);
    case 'detect-proxy': {
      const { proxy, native } = detectProxy(podOf(input));
      return { proxy, native };
    }
    case 'ambient-enrolment':
      return { enrolled: ambientEnrolment({ namespace: namespaceOf(input), pod: podOf(input) }).enrolled };
    default:
      return undefined;
  }
}

function runNativeSidecar(input: unknown): unknown {
  const podNodeName = asText(at(input, 'podNodeName'));
  const podAnnotation = asText(at(input, 'podAnnotation'));
  const native = isNativeSidecar({
    mode: known(asText(at(input, 'mode')) ?? ''),
    kubelets: known(new Map(Object.entries(asTextMap(at(input, 'nodes'))))),
    ...(podNodeName === undefined ? {} : { podNodeName }),
    ...(podAnnotation === undefined ? {} : { podAnnotation }),
  });
  return native.known ? { native: native.value } : { native: 'unknown' };
}

function namespaceOf(input: unknown): NamespaceLabels {
  const name = asText(at(input, 'namespace', 'name')) ?? 'unnamed';
  return { name, labels: asTextMap(at(input, 'namespace', 'labels')) };
}

function podOf(input: unknown): PodShape {
  const pod = at(input, 'pod');
  return readPodShape(pod, pod);
}
