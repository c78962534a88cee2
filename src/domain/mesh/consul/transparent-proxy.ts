import { known, mapFact, unknown, type Fact } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { World } from '../../world/world.ts';
import { namespaceMeta } from '../recognised/enrolment.ts';
import { injectorSettings, parseBool } from './injector.ts';

const SWITCH = 'consul.hashicorp.com/transparent-proxy';
const STATUS = 'consul.hashicorp.com/transparent-proxy-status';
const EXCLUDED = 'consul.hashicorp.com/transparent-proxy-exclude-inbound-ports';
const INJECTED = 'consul.hashicorp.com/connect-inject-status';

/**
 * Whether the pod's traffic is redirected to its proxy: as the injector marked it; for pods that are made next, the
 * pod's annotation, then the namespace's label, then the injector's flag.
 * Source: consul-k8s control-plane/connect-inject/common/common.go#TransparentProxyEnabled.
 */
export function transparentProxy(namespace: string, pod: PodShape, world: World): Fact<boolean> {
  if (pod.annotations[STATUS] !== undefined) return known(pod.annotations[STATUS] === 'enabled');
  if (pod.annotations[INJECTED] !== undefined) return known(false);
  const ofPod = pod.annotations[SWITCH];
  if (ofPod !== undefined) return boolFact(ofPod);
  const meta = namespaceMeta(world, namespace);
  if (!meta.known) return meta;
  const ofNamespace = meta.value.labels[SWITCH];
  if (ofNamespace !== undefined) return boolFact(ofNamespace);
  const settings = injectorSettings(world);
  const byDefault = mapFact(settings, ({ defaultTransparentProxy }) => defaultTransparentProxy);
  if (!byDefault.known) return byDefault;
  return byDefault.value === undefined
    ? unknown("the injector's transparent proxy flag was not read")
    : known(byDefault.value);
}

/** Whether the port is left out of the redirection, so that plaintext reaches the application. */
export function excludesInbound(pod: PodShape, port: number): boolean {
  return (pod.annotations[EXCLUDED] ?? '').split(',').some((text) => text.trim() === String(port));
}

function boolFact(text: string): Fact<boolean> {
  const value = parseBool(text);
  return value === undefined ? unknown(`${SWITCH} is ${text}, which is no truth value`) : known(value);
}
