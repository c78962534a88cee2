import { known, unknown, type Fact } from '../../world/fact.ts';
import type { Container, PodShape } from '../../world/pod-shape.ts';
import type { Cohort, Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { Admission } from '../admission.ts';
import type { DataPlane, Detection, Mesh } from '../mesh.ts';
import { detectBySigns } from './detect.ts';
import { enrolmentBy, leave, type InjectionRule } from './enrolment.ts';
import { imageVersion, type ProxySign, type Signature } from './signature.ts';
import { unresolvedCalls, type CallAnswers } from './unresolved.ts';

/** What a mesh adds to its signature: its injection rule, what its injector adds, and the answers it does know. */
export interface RecognisedParts {
  readonly signature: Signature;
  readonly detect?: (world: World) => Detection;
  readonly injection?: InjectionRule;
  /** The container that injection adds, by name and image name, and the annotations that mark the pod. */
  readonly injected?: {
    readonly name: string;
    readonly image: string;
    readonly annotations: Readonly<Record<string, string>>;
  };
  /** Whether the proxy takes the traffic of pods of this shape; by default nobody looks. */
  readonly captured?: (namespace: string, pod: PodShape, world: World) => Fact<boolean>;
  readonly answers?: Partial<CallAnswers>;
}

/**
 * A mesh whose rules for calls are not resolved: who is in it is known, and what becomes of calls from and to its pods
 * is unknown. That keeps them from being taken for pods without any proxy.
 */
export function recognisedMesh(parts: RecognisedParts): Mesh {
  const { signature, detect, injection, answers } = parts;
  const enrolment = injection === undefined ? neverInjects(signature) : enrolmentBy(signature, injection);
  const complete: Complete = { ...parts, enrolment };
  return {
    id: signature.id,
    displayName: signature.displayName,
    detect: detect ?? ((world) => detectBySigns(signature, world)),
    enrolment,
    admit: (namespace, pod, world) => admit(complete, { namespace, pod }, world),
    dataPlane: (workload, cohort, world) => dataPlane(complete, { workload, cohort }, world),
    ...unresolvedCalls(`the rules of ${signature.displayName} for calls are not resolved`),
    ...answers,
  };
}

interface Complete extends RecognisedParts {
  readonly enrolment: Mesh['enrolment'];
}

function neverInjects({ displayName }: Signature): Mesh['enrolment'] {
  return () => leave(`${displayName} puts nothing into pods`);
}

function dataPlane(
  parts: Complete,
  { workload, cohort }: { readonly workload: Workload; readonly cohort: Cohort },
  world: World,
): DataPlane | undefined {
  const { signature, enrolment } = parts;
  const sign = signature.proxyIn?.(cohort.pod);
  const asked = { namespace: workload.namespace, pod: cohort.pod };
  if (sign !== undefined) return fromProxy(parts, { ...asked, sign }, world);
  if (cohort.state !== 'next') return undefined;
  const { decision, reason } = enrolment(workload.namespace, cohort.pod, world);
  if (decision === 'skip') return undefined;
  const base = { mesh: signature.id, native: false, reason };
  if (decision !== 'inject') return { ...base, mode: 'unknown', captured: unknown(reason) };
  return { ...base, mode: 'sidecar', captured: capturedBy(parts, asked, world) };
}

interface Asked {
  readonly namespace: string;
  readonly pod: PodShape;
}

function fromProxy(parts: Complete, asked: Asked & { readonly sign: ProxySign }, world: World): DataPlane {
  const { sign, pod } = asked;
  const version = imageVersion(sign.container.image);
  return {
    mesh: parts.signature.id,
    mode: sign.mode,
    captured: sign.mode === 'gateway' ? known(true) : capturedBy(parts, asked, world),
    native: pod.initContainers.includes(sign.container),
    reason: sign.rule,
    ...(version === undefined ? {} : { version }),
  };
}

function capturedBy({ captured, signature }: RecognisedParts, { namespace, pod }: Asked, world: World): Fact<boolean> {
  return captured?.(namespace, pod, world) ?? unknown(`how ${signature.displayName} captures traffic is not resolved`);
}

function admit(parts: Complete, { namespace, pod }: Asked, world: World): Admission | undefined {
  const { signature, injected, enrolment } = parts;
  if (signature.proxyIn === undefined || signature.proxyIn(pod) !== undefined) return undefined;
  const { decision, reason } = enrolment(namespace, pod, world);
  if (decision === 'skip') return undefined;
  const where = `injection of ${signature.displayName} in ${namespace}`;
  if (decision !== 'inject' || injected === undefined) {
    return { pod: undefined, assumptions: [`${where} is not known: ${reason}`] };
  }
  const made = {
    ...pod,
    annotations: { ...pod.annotations, ...injected.annotations },
    containers: [...pod.containers, sidecar(injected.name, injected.image)],
  };
  return { pod: made, assumptions: [`${where} gives new pods a container ${injected.name}`] };
}

function sidecar(name: string, image: string): Container {
  return { name, image, args: [], ports: [], probes: [], env: [], capabilities: [], requests: {}, limits: {} };
}
