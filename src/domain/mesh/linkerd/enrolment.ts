import { KIND } from '../../kubernetes/kinds.ts';
import type { Evidence } from '../../world/evidence.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { World } from '../../world/world.ts';
import type { Enrolment } from '../mesh.ts';
import { injectionDecision, type InjectedNamespace, type InjectionDecision } from './injection/injection-decision.ts';
import { istioMark } from './injection/existing-sidecar.ts';
import { hasUdpPorts } from './injection/pod-settings.ts';

/** An answer with all reasons of the injector, in its own words and order. */
export interface LinkerdEnrolment extends Enrolment {
  readonly reasons: readonly string[];
}

/** Whether Linkerd would inject pods of this shape, created now in the namespace, and what decides. */
export function enrolmentOf(namespace: string, pod: PodShape, world: World): LinkerdEnrolment {
  return enrolmentBy(decisionFor(namespace, pod, world), pod);
}

/** The answer that the injector's decision makes, with a judgement of what else is in the pod. */
export function enrolmentBy(injection: InjectionDecision, pod: PodShape): LinkerdEnrolment {
  const { decision, reason, reasons } = injection;
  const mark = decision === 'inject' ? istioMark(pod) : undefined;
  const warned = decision === 'inject' && hasUdpPorts(pod);
  const evidence = warned ? [...injection.evidence, UDP] : injection.evidence;
  if (mark === undefined) return { decision, reason, reasons, evidence };
  const both = `${reason}; but ${mark} is Istio's, and two meshes in one pod are not modelled`;
  return { decision: 'unknown', reason: both, reasons, evidence: [...evidence, { value: mark, rule: both }] };
}

const UDP: Evidence = {
  field: 'spec.containers.ports.protocol',
  value: 'UDP',
  rule: 'The pods serve UDP, which the proxy never carries: it stays as it is on the wire.',
  source: 'linkerd2 pkg/inject/report.go#checkUDPPorts',
};

/** The injector's decision alone. */
export function decisionFor(namespace: string, pod: PodShape, world: World): InjectionDecision {
  return injectionDecision(injectedNamespace(world, namespace), pod, world);
}

/** The namespace's labels and annotations; of one that nobody declares, none are known to be missing unless all were read. */
export function injectedNamespace(world: World, name: string): Fact<InjectedNamespace> {
  const object = world.get({ kind: KIND.namespace, name });
  if (object !== undefined) {
    const { labels, annotations } = object.metadata;
    return known({ name, labels, annotations });
  }
  const { gap } = world.list(KIND.namespace);
  return gap === undefined
    ? known({ name, labels: {}, annotations: {} })
    : unknown(`Namespace ${name} was not read: ${gap}`);
}
