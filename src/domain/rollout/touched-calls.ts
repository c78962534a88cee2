import { asTextMap, at } from '../../lib/json.ts';
import type { Call } from '../calls/call.ts';
import { CONTROLLER_KINDS, KIND } from '../kubernetes/kinds.ts';
import { kindOf, type Kind, type ObjectRef } from '../kubernetes/object.ts';
import type { Manifest, Step } from '../world/step.ts';
import { cohortsOf, formatWorkload } from '../world/workload.ts';
import type { CallIndex } from './call-index.ts';

const UNSEEN_BY_CALLS: ReadonlySet<Kind> = new Set<Kind>([KIND.podMonitor, 'telemetry.istio.io/Telemetry']);

const SERVER_POLICIES: ReadonlySet<Kind> = new Set<Kind>([KIND.peerAuthentication, KIND.authorizationPolicy]);

/** The calls whose fate a step can change: those of its workload, of the servers that its policy selects, or all. */
export function touchedBy(step: Step, index: CallIndex): readonly Call[] {
  switch (step.step) {
    case 'external':
      return index.all;
    case 'apply':
      return ofManifest(index, step.manifest);
    case 'patch':
    case 'delete':
      return ofObject(index, step.target);
    case 'restart':
      return ofObject(index, step.workload);
  }
}

function ofManifest(index: CallIndex, manifest: Manifest): readonly Call[] {
  const { name, namespace } = manifest.metadata;
  const kind = kindOf(manifest);
  if (namespace === undefined || !SERVER_POLICIES.has(kind)) {
    return ofObject(index, { kind, name, ...(namespace === undefined ? {} : { namespace }) });
  }
  const isRoot = index.rootNamespaces.has(namespace);
  const answered = isRoot ? index.all : (index.byServerNamespace.get(namespace) ?? []);
  const selector = Object.entries(asTextMap(at(manifest.spec, 'selector', 'matchLabels')));
  if (selector.length === 0) return answered;
  return answered.filter((call) =>
    (index.servers.get(call.id) ?? []).some(({ workload }) =>
      cohortsOf(workload).some(({ pod }) => selector.every(([key, value]) => pod.labels[key] === value)),
    ),
  );
}

function ofObject(index: CallIndex, ref: ObjectRef): readonly Call[] {
  if (UNSEEN_BY_CALLS.has(ref.kind)) return [];
  const namespace = ref.kind === KIND.namespace ? ref.name : ref.namespace;
  if (namespace === undefined) return index.all;
  if (SERVER_POLICIES.has(ref.kind) && index.rootNamespaces.has(namespace)) return index.all;
  if (!runsPods(ref.kind)) return index.byNamespace.get(namespace) ?? [];
  const kind = ref.kind.slice(ref.kind.lastIndexOf('/') + 1);
  return index.byWorkload.get(formatWorkload({ namespace, kind, name: ref.name })) ?? [];
}

const CONTROLLERS: ReadonlySet<Kind> = new Set<Kind>(CONTROLLER_KINDS);

function runsPods(kind: Kind): boolean {
  return CONTROLLERS.has(kind);
}
