import { asNumber, asObject, asObjects, asText, at, type JsonObject } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { known, unknown, type Fact } from '../fact.ts';
import type { World } from '../world.ts';
import { rowsOf } from './found.ts';

/** What a HorizontalPodAutoscaler watches. */
export interface ScalingMetric {
  /** `Resource`, `ContainerResource`, `Pods`, `Object`, `External`. */
  readonly type: string;
  /** Resource or metric, as `cpu`. */
  readonly name: string;
  /** `Utilization`, `AverageValue`, `Value`. */
  readonly target: string;
  /** Whether every container of the pod counts, so that a sidecar moves the number. */
  readonly countsSidecars: boolean;
}

interface Scaler {
  readonly namespace: string;
  readonly name: string;
  /** Kind and name of what is scaled, as `Deployment/cart`. */
  readonly target: string;
}

export interface HorizontalAutoscaler extends Scaler {
  readonly min: number;
  readonly max: Fact<number>;
  readonly metrics: Fact<readonly ScalingMetric[]>;
}

export interface VerticalAutoscaler extends Scaler {
  /** `Off`, `Initial`, `Recreate`, `InPlaceOrRecreate` or `Auto`. */
  readonly updateMode: string;
}

export interface EventAutoscaler extends Scaler {
  /** Zero: the workload may have no pod at times. */
  readonly min: number;
}

/** What changes the number or the size of pods. Who changes the number of nodes is among the components. */
export interface Autoscalers {
  readonly horizontal: Fact<readonly HorizontalAutoscaler[]>;
  readonly vertical: Fact<readonly VerticalAutoscaler[]>;
  /** KEDA's ScaledObjects; each makes a HorizontalPodAutoscaler of its own. */
  readonly event: Fact<readonly EventAutoscaler[]>;
}

/** Where `autoscaling/v1` keeps the metrics that it has no field for. */
const V1_METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const DEFAULT_METRIC: ScalingMetric = { type: 'Resource', name: 'cpu', target: 'Utilization', countsSidecars: true };
const METRIC_FIELDS: Readonly<Record<string, string>> = {
  Resource: 'resource',
  ContainerResource: 'containerResource',
  Pods: 'pods',
  Object: 'object',
  External: 'external',
};

/**
 * All autoscalers of workloads, sorted by namespace and name.
 * Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/.
 */
export function autoscalersOf(world: World): Autoscalers {
  return {
    horizontal: rowsOf(world, KIND.horizontalPodAutoscaler, (object) => ({
      ...scaler(object, at(object.spec, 'scaleTargetRef')),
      min: asNumber(at(object.spec, 'minReplicas')) ?? 1,
      max: maxOf(object),
      metrics: metricsOf(object),
    })),
    vertical: rowsOf(world, KIND.verticalPodAutoscaler, (object) => ({
      ...scaler(object, at(object.spec, 'targetRef')),
      updateMode: asText(at(object.spec, 'updatePolicy', 'updateMode')) ?? 'Auto',
    })),
    event: rowsOf(world, KIND.scaledObject, (object) => ({
      ...scaler(object, at(object.spec, 'scaleTargetRef')),
      min: asNumber(at(object.spec, 'minReplicaCount')) ?? 0,
    })),
  };
}

function scaler({ metadata }: KubeObject, target: unknown): Scaler {
  const kind = asText(at(target, 'kind')) ?? 'Deployment';
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    target: `${kind}/${asText(at(target, 'name')) ?? ''}`,
  };
}

function maxOf({ spec, metadata }: KubeObject): Fact<number> {
  const max = asNumber(at(spec, 'maxReplicas'));
  return max === undefined ? unknown(`HorizontalPodAutoscaler ${metadata.name} has no maxReplicas`) : known(max);
}

function metricsOf({ apiVersion, metadata, spec }: KubeObject): Fact<readonly ScalingMetric[]> {
  if (apiVersion === 'autoscaling/v1') {
    if (metadata.annotations[V1_METRICS] === undefined) return known([DEFAULT_METRIC]);
    return unknown('it was read as autoscaling/v1, which keeps other metrics in an annotation');
  }
  const metrics = asObjects(at(spec, 'metrics'));
  return known(metrics.length === 0 ? [DEFAULT_METRIC] : metrics.map(readMetric));
}

/** Older versions write the target beside the metric and say no type of it. */
function readMetric(raw: JsonObject): ScalingMetric {
  const type = asText(raw['type']) ?? '';
  const source = asObject(raw[METRIC_FIELDS[type] ?? '']) ?? {};
  return {
    type,
    name: asText(source['name']) ?? asText(at(source, 'metric', 'name')) ?? '',
    target: asText(at(source, 'target', 'type')) ?? '',
    countsSidecars: type === 'Resource',
  };
}
