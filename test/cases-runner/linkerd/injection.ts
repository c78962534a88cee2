import { decisionFor } from '../../../src/domain/mesh/linkerd/enrolment.ts';
import { admissionOf } from '../../../src/domain/mesh/linkerd/admission.ts';
import { injectionReasons, lacksToken } from '../../../src/domain/mesh/linkerd/injection/injection-reasons.ts';
import { hasUdpPorts, isIngressMode } from '../../../src/domain/mesh/linkerd/injection/pod-settings.ts';
import { linkerdMarks } from '../../../src/domain/mesh/linkerd/recognise.ts';
import { known } from '../../../src/domain/world/fact.ts';
import { asBoolean, asObjects, asText, asTextMap, at } from '../../../src/lib/json.ts';
import { completeWorld } from '../case-world.ts';
import { chartValuesWith, linkerdControlPlane, namespaceOf, podOf } from './linkerd-world.ts';

/** Answers a case of the group `injection` in the form of its `expect`. */
export function run(input: unknown): unknown {
  if (at(input, 'controlPlaneNs') !== undefined || at(input, 'question') !== undefined)
    return { meshed: isMeshed(input) };
  const byRule = reasonsByRule(input);
  if (at(input, 'origin') === 'cli' || !hasPodTemplate(input) || !projects(input))
    return { inject: byRule.length === 0, reasons: byRule, udpWarning: hasUdpPorts(podOf(input)) };
  return inWorld(input, byRule);
}

function isMeshed(input: unknown): boolean {
  const { initContainers, ...pod } = podOf(input);
  // A case that names the proxy among the init containers and says no more means the native sidecar.
  const native = initContainers.map((one) => ({ restartPolicy: 'Always', ...one }));
  const { hasProxy, controlPlane } = linkerdMarks({ ...pod, initContainers: native });
  return hasProxy && controlPlane === (asText(at(input, 'controlPlaneNs')) ?? 'linkerd');
}

/** What the seam says, and where the injector is asked at all, what its own rule says must be the same. */
function inWorld(input: unknown, byRule: readonly string[]): unknown {
  const namespace = namespaceOf(input);
  const world = completeWorld([namespace, ...linkerdControlPlane(chartValuesWith(at(input, 'values')))]);
  const pod = podOf(input);
  const { name } = namespace.metadata;
  const { decision, reasons, webhook } = decisionFor(name, pod, world);
  if (webhook !== undefined && JSON.stringify(reasons) !== JSON.stringify(byRule))
    return { inject: `the rule says ${byRule.join()}, the seam ${reasons.join()}` };
  const inject = decision === 'unknown' ? decision : decision === 'inject';
  // Where the injector would put a second mesh into the pod, the seam knows no pod.
  const made = admissionOf(name, pod, world)?.pod ?? pod;
  return {
    inject,
    reasons,
    webhookCalled: webhook !== undefined,
    udpWarning: hasUdpPorts(pod),
    effectiveAnnotation: made.annotations[asText(at(input, 'annotation')) ?? ''] ?? null,
    ...proxyFacts(made),
  };
}

function proxyFacts(made: ReturnType<typeof podOf>): object {
  const { hasProxy, native, capture } = linkerdMarks(made);
  if (!hasProxy) return { ingressMode: false };
  const ingress = isIngressMode(made.annotations, known(false));
  return {
    ingressMode: ingress.known && ingress.value,
    nativeSidecar: native,
    proxyLocation: native ? 'initContainers' : 'containers',
    initContainer: capture === 'cni' ? 'linkerd-network-validator' : 'linkerd-init',
  };
}

function reasonsByRule(input: unknown): readonly string[] {
  const automount = asBoolean(at(input, 'podSpec', 'automountServiceAccountToken'));
  const mounts = asObjects(at(asObjects(at(input, 'podSpec', 'containers'))[0], 'volumeMounts'));
  const mounted = mounts.some(({ mountPath }) => mountPath === '/var/run/secrets/kubernetes.io/serviceaccount');
  const origin = at(input, 'origin') === 'cli' ? 'cli' : 'webhook';
  return injectionReasons({
    origin,
    namespaceAnnotations: asTextMap(at(input, 'nsAnnotations')),
    pod: podOf(input),
    hasPodTemplate: hasPodTemplate(input),
    lacksToken: lacksToken({
      origin,
      projection: projects(input),
      mounted,
      ...(automount === undefined ? {} : { automount }),
    }),
  });
}

function hasPodTemplate(input: unknown): boolean {
  const kind = asText(at(input, 'kind')) ?? 'Pod';
  return at(input, 'unsupportedKind') !== true && !['Service', 'Namespace', 'ConfigMap', 'Secret'].includes(kind);
}

function projects(input: unknown): boolean {
  return at(chartValuesWith(at(input, 'values')), 'identity', 'serviceAccountTokenProjection') !== false;
}
