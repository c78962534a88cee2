import { asTextMap, at } from '../../lib/json.ts';
import type { Call } from '../calls/call.ts';
import { CONTROLLER_KINDS, KIND } from '../kubernetes/kinds.ts';
import type { Kind, ObjectRef } from '../kubernetes/object.ts';
import type { Step } from '../world/step.ts';
import { formatWorkload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import type { CallIndex } from './call-index.ts';
import { policyForms, type PolicyForms } from './policy-forms.ts';
import { refOfManifest } from './rollback-steps.ts';
import { callsSelectedIn, isRelabelled, together, type CallsSelected, type SomeCalls } from './selected-calls.ts';
import { linkerdCalls, type LinkerdCalls } from './touched-linkerd.ts';

/** Where the steps of a stage start. */
interface StageStart {
  readonly world: World;
  readonly index: CallIndex;
}

const UNSEEN_BY_CALLS: ReadonlySet<Kind> = new Set<Kind>([KIND.podMonitor, 'telemetry.istio.io/Telemetry']);

const SERVER_POLICIES: ReadonlySet<Kind> = new Set<Kind>([KIND.peerAuthentication, KIND.authorizationPolicy]);

const AUTHENTICATIONS: ReadonlySet<Kind> = new Set<Kind>([KIND.meshTlsAuthentication, KIND.networkAuthentication]);

/**
 * For each step of a stage the calls whose fate it can change, whichever of the others are applied before it: those of
 * its workload, those answered by the servers that its policy is about before or after the stage, or all of a namespace.
 */
export function touchedBy(steps: readonly Step[], { world, index }: StageStart): readonly (readonly Call[])[] {
  const forms = policyForms(world, steps);
  const selected: CallsSelected = isRelabelled(steps) ? () => undefined : callsSelectedIn(world, index);
  const lookup = { world, index, forms, selected, linkerd: linkerdCalls({ forms, selected }) };
  return steps.map((step) => touchedByOne(lookup, step));
}

interface Lookup extends StageStart {
  readonly forms: PolicyForms;
  readonly selected: CallsSelected;
  readonly linkerd: LinkerdCalls;
}

function touchedByOne(lookup: Lookup, step: Step): readonly Call[] {
  switch (step.step) {
    case 'external':
      return lookup.index.all;
    case 'apply':
      return ofObject(lookup, refOfManifest(step.manifest));
    case 'patch':
    case 'delete':
      return ofObject(lookup, step.target);
    case 'restart':
      return ofObject(lookup, step.workload);
  }
}

function ofObject(lookup: Lookup, ref: ObjectRef): readonly Call[] {
  const { index } = lookup;
  if (UNSEEN_BY_CALLS.has(ref.kind)) return [];
  const namespace = ref.kind === KIND.namespace ? ref.name : ref.namespace;
  if (namespace === undefined) return index.all;
  if (SERVER_POLICIES.has(ref.kind)) return ofIstioPolicy(lookup, ref, namespace);
  const followed = lookup.linkerd(ref);
  if (followed !== undefined) return followed;
  // Policies of any namespace may ask for an authentication.
  if (AUTHENTICATIONS.has(ref.kind)) return index.all;
  if (!runsPods(ref.kind)) return index.byNamespace.get(namespace) ?? [];
  const kind = ref.kind.slice(ref.kind.lastIndexOf('/') + 1);
  return index.byWorkload.get(formatWorkload({ namespace, kind, name: ref.name })) ?? [];
}

function ofIstioPolicy(lookup: Lookup, ref: ObjectRef, namespace: string): readonly Call[] {
  const { index, forms } = lookup;
  const where = index.rootNamespaces.has(namespace) ? undefined : namespace;
  const found = forms.of(ref)?.map(({ spec }) => ofIstioSpec(lookup, spec, where));
  const calls = found === undefined ? undefined : together(found);
  return calls ?? (where === undefined ? index.all : (index.byNamespace.get(where) ?? []));
}

/** In the root namespace, which stands here as none, a policy is about the servers of all; so it may be at a waypoint. */
function ofIstioSpec({ index, selected }: Lookup, spec: unknown, namespace: string | undefined): SomeCalls {
  if (at(spec, 'targetRef') !== undefined || at(spec, 'targetRefs') !== undefined) return index.all;
  const matchLabels = asTextMap(at(spec, 'selector', 'matchLabels'));
  if (Object.keys(matchLabels).length > 0) return selected(namespace, { matchLabels, matchExpressions: [] });
  return namespace === undefined ? index.all : (index.byServerNamespace.get(namespace) ?? []);
}

const CONTROLLERS: ReadonlySet<Kind> = new Set<Kind>(CONTROLLER_KINDS);

function runsPods(kind: Kind): boolean {
  return CONTROLLERS.has(kind);
}
