import { asNumber, at } from '../../../lib/json.ts';
import type { DataPlane } from '../../mesh/mesh.ts';
import { admitPod, dataPlaneOf } from '../../mesh/registry.ts';
import { formatRef, type ObjectRef } from '../../kubernetes/object.ts';
import { gapOfObject } from '../../world/coverage.ts';
import { isClassLabel } from '../../world/pod-classes.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { Cohort, Workload } from '../../world/workload.ts';
import { findWorkload } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { told, together, type Told } from './tell.ts';

/** The workload that a reference names; or why there is no answer about it. */
export function workloadAt(world: World, ref: ObjectRef): Workload | Told {
  const kind = ref.kind.slice(ref.kind.lastIndexOf('/') + 1);
  const workload = findWorkload(world, { namespace: ref.namespace ?? '', kind, name: ref.name });
  if (workload !== undefined) return workload;
  const gap = gapOfObject(world.coverage, ref);
  if (gap !== undefined) return told('unknown', { object: ref, rule: `it was not read: ${gap}` });
  return told('unmet', { object: ref, rule: 'it is not there' });
}

/**
 * Whether all live pods of a workload are those that its template makes now: of the newest template, and behind the proxy
 * that new pods get. `tells` says that the restart changes something that can be seen; where it does not, nobody can tell.
 */
export function readRestart(world: World, ref: ObjectRef, tells: boolean): Told {
  const workload = workloadAt(world, ref);
  if ('state' in workload) return workload;
  const { live, next } = workload;
  if (!live.known) return told('unknown', { object: ref, rule: `its pods are not known: ${live.reason}` });
  if (next.unread !== undefined) return told('unknown', { object: ref, rule: next.unread });
  const cohorts = live.value.filter(({ pods }) => pods > 0);
  if (cohorts.length === 0)
    return told('met', { object: ref, rule: 'no pod of it runs; the next one is new by itself' });
  const answers = [
    newest(workload, cohorts, ref),
    ...cohorts.map((cohort) => inPlace(world, { workload, cohort, ref })),
  ];
  const all = together(answers);
  if (all.state !== 'met') return all;
  if (tells) return told('met', { object: ref, rule: 'all of its pods are of the newest template, behind its proxy' });
  const rule = 'nothing in the pods tells whether they were made before the restart; look at their age';
  return { ...told('unknown', { object: ref, rule }), forPerson: true };
}

/** What the controller counts of its newest template; and whatever it counts, pods that lack its labels are older. */
function newest(workload: Workload, cohorts: readonly Cohort[], ref: ObjectRef): Told {
  const counted = countedNewest(workload);
  if (counted?.isSeen === false)
    return told('unmet', { object: ref, rule: 'its controller has not yet seen its newest template' });
  if (counted !== undefined && counted.updated < counted.all) {
    const { updated, all } = counted;
    return told('unmet', { object: ref, rule: `${String(updated)} of ${String(all)} pods are of its newest template` });
  }
  const images = counted === undefined;
  const [old] = cohorts.flatMap(({ pod }) => differenceFromTemplate(workload, pod, images) ?? []);
  if (old === undefined) return told('met', { object: ref, rule: 'its pods look like its template' });
  return told('unmet', { object: ref, rule: `pods of an older template run: ${old}` });
}

interface Counted {
  readonly updated: number;
  readonly all: number;
  readonly isSeen: boolean;
}

/** Deployment, StatefulSet and DaemonSet: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/. */
export function countedNewest({ object, kind }: Workload): Counted | undefined {
  const { status, metadata } = object;
  const number = (field: string): number | undefined => asNumber(at(status, field));
  const all = kind === 'DaemonSet' ? number('desiredNumberScheduled') : number('replicas');
  if (all === undefined) return undefined;
  const seen = number('observedGeneration');
  const isSeen = metadata.generation === undefined || seen === undefined || seen >= metadata.generation;
  const updated = number(kind === 'DaemonSet' ? 'updatedNumberScheduled' : 'updatedReplicas') ?? 0;
  return { updated, all, isSeen };
}

const PROXIES: ReadonlySet<string> = new Set(['istio-proxy', 'linkerd-proxy']);

function differenceFromTemplate({ template }: Workload, pod: PodShape, images: boolean): string | undefined {
  const label = Object.entries(template.labels).find(([key, value]) => isClassLabel(key) && pod.labels[key] !== value);
  if (label !== undefined) return `label ${label[0]} is ${pod.labels[label[0]] ?? 'not there'}, not ${label[1]}`;
  if (pod.serviceAccount !== template.serviceAccount) return `they run as ${pod.serviceAccount}`;
  const running = new Map([...pod.initContainers, ...pod.containers].map(({ name, image }) => [name, image]));
  const other = template.containers.find(({ name, image }) => !PROXIES.has(name) && running.get(name) !== image);
  return other === undefined || !images ? undefined : `container ${other.name} is not of image ${other.image}`;
}

interface Place {
  readonly workload: Workload;
  readonly cohort: Cohort;
  readonly ref: ObjectRef;
}

function inPlace(world: World, { workload, cohort, ref }: Place): Told {
  const wanted = dataPlaneOf(workload, workload.next, world).dataPlane;
  const found = dataPlaneOf(workload, cohort, world).dataPlane;
  const doubt = [wanted, found].find(({ mode }) => mode === 'unknown');
  if (doubt !== undefined) return told('unknown', { object: ref, rule: doubt.reason });
  if (words(found) !== words(wanted)) {
    const rule = `${String(cohort.pods)} pods run with ${words(found)}, and new ones would with ${words(wanted)}`;
    return told('unmet', { object: ref, rule });
  }
  if (found.mode !== 'none' && !found.captured.known)
    return told('unknown', { object: ref, rule: found.captured.reason });
  if (found.mode !== 'none' && found.captured.known && !found.captured.value)
    return told('unmet', { object: ref, rule: `the proxy of ${String(cohort.pods)} pods does not take their traffic` });
  return settingsOf(world, { workload, cohort, ref });
}

/** Ambient's proxies are of their node: which control plane serves them is nothing that a pod's restart decides. */
function words({ mesh, mode, revision }: DataPlane): string {
  if (mode === 'none') return 'no proxy';
  if (mode === 'ambient') return `${mesh} ambient`;
  return `${mesh} ${mode}${revision === undefined ? '' : ` of revision ${revision}`}`;
}

const TUNNEL = 'networking.istio.io/tunnel';

/** Linkerd copies settings of the namespace to a pod when it is made, and Istio's injector sets up for HBONE what is made after the mesh was. */
function settingsOf(world: World, { workload, cohort, ref }: Place): Told {
  const made = admitPod(workload.namespace, workload.template, world).pod;
  const tunnel = made?.labels[TUNNEL];
  if (tunnel !== undefined && cohort.pod.labels[TUNNEL] !== tunnel) {
    const rule = `sidecars of ${String(cohort.pods)} pods do not take HBONE, and those of new ones do (label ${TUNNEL})`;
    return told('unmet', { object: ref, rule });
  }
  const other = Object.entries(made?.annotations ?? {}).find(
    ([key, value]) => key.startsWith('config.linkerd.io/') && cohort.pod.annotations[key] !== value,
  );
  if (other === undefined) return told('met', { object: ref, rule: 'its pods are behind the proxy that new ones get' });
  const [key, value] = other;
  const found = cohort.pod.annotations[key] ?? 'nothing';
  return told('unmet', {
    object: ref,
    rule: `pods of ${formatRef(ref)} run with ${key}: ${found}, new ones with ${value}`,
  });
}
