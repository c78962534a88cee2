import { known, unknown, type Fact } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { Cohort, Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { DataPlane } from '../mesh.ts';
import { webhookResult } from './admission.ts';
import { cniAgents, skippedPorts, skipsEverything } from './capture.ts';
import { knownControlPlane, linkerdControlPlanes, type LinkerdControlPlane } from './control-plane.ts';
import { enrolmentOf } from './enrolment.ts';
import { CONTROL_PLANE_NS } from './names.ts';
import { linkerdMarks, type LinkerdMarks } from './recognise.ts';

/**
 * What Linkerd has in front of a cohort: for live pods what their containers and label show, for the pods that would be
 * created next what admission would make of the template. Undefined where Linkerd has nothing there.
 */
export function dataPlaneOf(workload: Workload, cohort: Cohort, world: World): DataPlane | undefined {
  const marks = linkerdMarks(cohort.pod);
  if (marks.hasProxy) return fromProxy(cohort.pod, marks, world);
  if (cohort.state === 'next') return fromEnrolment(workload, cohort, world);
  return marks.controlPlane === undefined ? undefined : labelAlone(marks.controlPlane);
}

/** The cohort's pod as its containers run: a live one as it is, the next one as admission would make it. */
export function runningPod(workload: Workload, cohort: Cohort, world: World): Fact<PodShape> {
  if (cohort.state === 'live') return known(cohort.pod);
  const admission = webhookResult(workload.namespace, cohort.pod, world);
  if (admission === undefined) return known(cohort.pod);
  return admission.pod === undefined ? unknown(admission.assumptions.join('; ')) : known(admission.pod);
}

/** The control plane that a pod's label names; unknown where it has none, or that one was not read. */
export function planeOfPod(pod: PodShape, world: World): Fact<LinkerdControlPlane> {
  const { controlPlane } = linkerdMarks(pod);
  if (controlPlane !== undefined) return knownControlPlane(world, controlPlane);
  return unknown(`the pod has no label ${CONTROL_PLANE_NS}, so whose proxy it runs is not known`);
}

/** Peers encrypt to whoever carries the label, and here nobody decrypts. */
function labelAlone(controlPlane: string): DataPlane {
  const reason = `the pods carry label ${CONTROL_PLANE_NS}: ${controlPlane} but no container linkerd-proxy that keeps running`;
  return { mesh: 'linkerd', mode: 'none', captured: known(false), native: false, reason };
}

function fromProxy(pod: PodShape, marks: LinkerdMarks, world: World): DataPlane {
  const { controlPlane, native, version } = marks;
  const doubt = whoseDoubt(controlPlane, world);
  if (doubt !== undefined) return { ...notKnown(doubt), native };
  return {
    mesh: 'linkerd',
    mode: 'sidecar',
    captured: capturedBy(pod, marks, world),
    native,
    reason: `the pods run linkerd-proxy of the control plane in ${controlPlane ?? ''}`,
    ...(version === undefined ? {} : { version }),
  };
}

/**
 * Why nobody knows for what a proxy stands: a pod is meshed only where its label names the control plane; peers send all
 * others plaintext, whatever runs in them.
 */
function whoseDoubt(controlPlane: string | undefined, world: World): string | undefined {
  if (controlPlane === undefined)
    return `the pods run linkerd-proxy without label ${CONTROL_PLANE_NS}, so peers send them plaintext`;
  const here = linkerdControlPlanes(world).map(({ namespace }) => namespace);
  if (here.length === 0 || here.includes(controlPlane)) return undefined;
  return `the pods run linkerd-proxy of the control plane in ${controlPlane}, which is not among those of this cluster (${here.join(', ')})`;
}

/** Whether anything brings the pod's traffic to its proxy. */
function capturedBy(pod: PodShape, { capture }: LinkerdMarks, world: World): Fact<boolean> {
  if (pod.hostNetwork) return unknown('the pods use the host network, where capture would take all of the node');
  const plane = planeOfPod(pod, world);
  if (capture !== 'none') return leftOut(pod, plane, world);
  const agents = cniAgents(world);
  if (agents.objects.length > 0)
    return unknown('no init container of Linkerd is in the pods; the CNI plugin runs, and may capture them');
  return agents.gap === undefined
    ? known(false)
    : unknown(`no init container of Linkerd is in the pods, and ${agents.gap}`);
}

/** Lists of ports that leave everything out in both directions leave the proxy without traffic. */
function leftOut(pod: PodShape, plane: Fact<LinkerdControlPlane>, world: World): Fact<boolean> {
  const sides = (['inbound', 'outbound'] as const).map((direction) => skippedPorts(pod, direction, { plane, world }));
  return known(!sides.every((skipped) => skipped.known && skipsEverything(skipped.value)));
}

function fromEnrolment(workload: Workload, cohort: Cohort, world: World): DataPlane | undefined {
  const enrolment = enrolmentOf(workload.namespace, cohort.pod, world);
  if (enrolment.decision === 'skip') {
    const { controlPlane } = linkerdMarks(cohort.pod);
    return controlPlane === undefined ? undefined : labelAlone(controlPlane);
  }
  if (enrolment.decision !== 'inject') return notKnown(enrolment.reason);
  const pod = runningPod(workload, cohort, world);
  if (!pod.known) return notKnown(pod.reason);
  const marks = linkerdMarks(pod.value);
  const plane = planeOfPod(pod.value, world);
  return {
    mesh: 'linkerd',
    mode: 'sidecar',
    captured: willBeCaptured(pod.value, plane, world),
    native: marks.native,
    reason: enrolment.reason,
    ...(marks.version === undefined ? {} : { version: marks.version }),
  };
}

/** With the CNI plugin a pod waits in its init container until it is captured. */
function willBeCaptured(pod: PodShape, plane: Fact<LinkerdControlPlane>, world: World): Fact<boolean> {
  if (!plane.known) return plane;
  const { cniEnabled } = plane.value;
  if (!cniEnabled.known) return cniEnabled;
  if (!cniEnabled.value) return leftOut(pod, plane, world);
  const agents = cniAgents(world);
  if (agents.objects.length > 0) return leftOut(pod, plane, world);
  return unknown(agents.gap ?? 'the chart leaves capture to the CNI plugin, and no DaemonSet linkerd-cni is there');
}

function notKnown(reason: string): DataPlane {
  return { mesh: 'linkerd', mode: 'unknown', captured: unknown(reason), native: false, reason };
}
