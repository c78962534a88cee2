import { INJECT } from '../names.ts';
import { hasExistingSidecar, type PodContainers } from './existing-sidecar.ts';

/** Why the injector leaves a pod alone, in its own words; `''` is what the command line says of a disabled pod. */
export type InjectionReason =
  | 'host_network_enabled'
  | 'sidecar_already_exists'
  | 'unsupported_resource'
  | 'injection_disable_annotation_present'
  | 'injection_enable_annotation_absent'
  | 'invalid_inject_annotation_at_ns'
  | 'invalid_inject_annotation_at_workload'
  | 'disabled_automount_service_account_token_account'
  | '';

type Annotations = Readonly<Record<string, string>>;

/** What the injector looks at. */
export interface InjectionQuestion {
  /** `cli`: `linkerd inject`, which knows nothing of the namespace. */
  readonly origin: 'webhook' | 'cli';
  readonly namespaceAnnotations: Annotations;
  readonly pod: PodContainers & { readonly annotations: Annotations; readonly hostNetwork: boolean };
  /** Whether the object is a pod or has a pod template. */
  readonly hasPodTemplate: boolean;
  /** Whether the account's token is kept from the pod in a way that counts; see `lacksToken`. */
  readonly lacksToken: boolean;
}

/** How a pod gets its account's token. */
export interface TokenFacts {
  readonly origin: 'webhook' | 'cli';
  /** Chart value `identity.serviceAccountTokenProjection`. */
  readonly projection: boolean;
  /** `automountServiceAccountToken` of the pod; absent where it says nothing. */
  readonly automount?: boolean;
  /** Whether the first container mounts the token. */
  readonly mounted: boolean;
}

const ENABLING: ReadonlySet<string> = new Set(['enabled', 'ingress']);
const VALID: ReadonlySet<string> = new Set(['enabled', 'ingress', 'disabled', '']);

/**
 * All reasons why the injector leaves the pod alone, in the order in which it gives them; empty where it injects.
 * Source: linkerd2 pkg/inject/report.go#newReport, #Injectable.
 */
export function injectionReasons(question: InjectionQuestion): readonly InjectionReason[] {
  const { pod } = question;
  const annotated = annotationReason(question);
  const reasons: readonly (readonly [boolean, InjectionReason])[] = [
    [pod.hostNetwork, 'host_network_enabled'],
    [hasExistingSidecar(pod), 'sidecar_already_exists'],
    [!question.hasPodTemplate, 'unsupported_resource'],
    [annotated !== undefined, annotated ?? ''],
    [question.lacksToken, 'disabled_automount_service_account_token_account'],
  ];
  return reasons.flatMap(([holds, reason]) => (holds ? [reason] : []));
}

/**
 * What annotation `linkerd.io/inject` of the namespace and the pod has against injection; undefined where nothing.
 * Source: linkerd2 pkg/inject/report.go#disabledByAnnotation.
 */
export function annotationReason({
  origin,
  namespaceAnnotations,
  pod,
}: Pick<InjectionQuestion, 'origin' | 'namespaceAnnotations'> & {
  readonly pod: { readonly annotations: Annotations };
}): InjectionReason | undefined {
  const ofPod = pod.annotations[INJECT] ?? '';
  if (origin === 'cli') return ofPod === 'disabled' ? '' : undefined;
  const ofNamespace = namespaceAnnotations[INJECT] ?? '';
  if (!VALID.has(ofNamespace)) return 'invalid_inject_annotation_at_ns';
  if (!VALID.has(ofPod)) return 'invalid_inject_annotation_at_workload';
  if (ENABLING.has(ofNamespace)) return ofPod === 'disabled' ? 'injection_disable_annotation_present' : undefined;
  return ENABLING.has(ofPod) ? undefined : 'injection_enable_annotation_absent';
}

/**
 * Whether the pod has no token that its proxy could show: never where the chart projects one of its own.
 * Source: linkerd2 pkg/inject/report.go#newReport.
 */
export function lacksToken({ origin, projection, automount, mounted }: TokenFacts): boolean {
  if (projection) return false;
  return automount === false || (origin === 'webhook' && !mounted);
}
