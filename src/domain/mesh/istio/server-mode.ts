import { KIND } from '../../kubernetes/kinds.ts';
import { derivedFrom, oncePer } from '../../world/derived.ts';
import { formatRef, refOf, type KubeObject } from '../../kubernetes/object.ts';
import type { MtlsMode, PortMode, ServerEnd } from '../mesh.ts';
import { effectiveMode, modeOnPort, type DecidedMode, type EffectiveMtls } from './mtls/effective-mode.ts';
import {
  parsePeerAuthentication,
  type MtlsMode as IstioMode,
  type PeerAuthentication,
} from './mtls/peer-authentication.ts';
import { validatePeerAuthentication } from './mtls/validate-peer-authentication.ts';
import { labelsInForce } from './labels-in-force.ts';
import type { PolicyTarget } from './mtls/policy-levels.ts';
import { oncePerTarget } from './once-per-target.ts';
import { listenerModifierOf, visibleAmong, type ProxyView } from './proxy-view.ts';

const MODES: Readonly<Record<IstioMode, MtlsMode>> = {
  STRICT: 'strict',
  PERMISSIVE: 'permissive',
  DISABLE: 'disabled',
};

/** The PeerAuthentications that decide for pods of a namespace, with the reason why there may be more. */
export function peerAuthentications(view: ProxyView, namespace: string): PeerAuthentications {
  return policiesOf(view, namespace);
}

interface PeerAuthentications {
  readonly policies: readonly PeerAuthentication[];
  readonly gap: string | undefined;
}

const policiesOf = oncePer(findPolicies);

function findPolicies(view: ProxyView, namespace: string): PeerAuthentications {
  const { objects, gap } = visibleAmong(view, KIND.peerAuthentication, [view.settings.rootNamespace, namespace]);
  const refused = objects.map((object) => whyRefused(object, view)).find((why) => why !== undefined);
  return { policies: objects.map(parsedPolicy), gap: gap ?? refused };
}

/** What only a file or a plan says was never seen by the webhook that refuses invalid policies. */
function whyRefused(object: KubeObject, view: ProxyView): string | undefined {
  if (object.origin.from === 'read' && view.world.coverage.basis !== 'declared') return undefined;
  const [problem] = validatePeerAuthentication(object.spec);
  if (problem === undefined) return undefined;
  return `the API server refuses ${formatRef(refOf(object))}: ${problem.field}: ${problem.message}`;
}

function parsedPolicy(object: KubeObject): PeerAuthentication {
  return derivedFrom(object, parsePeerAuthentication);
}

/** What PeerAuthentication makes of pods with these labels in the namespace. */
export function effectiveMtls(
  view: ProxyView,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): EffectiveMtls {
  return effectiveAt(view, { namespace, labels });
}

const effectiveAt = oncePerTarget(findEffective);

function findEffective(view: ProxyView, workload: PolicyTarget): EffectiveMtls {
  const { policies, gap } = peerAuthentications(view, workload.namespace);
  return effectiveMode({
    policies,
    workload,
    rootNamespace: view.settings.rootNamespace,
    ...(gap === undefined ? {} : { gap }),
  });
}

/** The mode on a container port of a server, with the policy that decides. */
export function decidedMode(view: ProxyView, server: ServerEnd): DecidedMode {
  return modeOnPort(
    effectiveMtls(view, server.workload.namespace, labelsInForce(server.workload, server.cohort)),
    server.port,
  );
}

/** The mode in force on a container port of a server: what is decided, unless something rewrites its listeners. */
export function modeInForce(view: ProxyView, server: ServerEnd): PortMode {
  const labels = labelsInForce(server.workload, server.cohort);
  const modifier = listenerModifierOf(view, { namespace: server.workload.namespace, labels });
  if (modifier !== undefined) return { mode: 'unknown', declared: 'unknown', evidence: [{ rule: modifier }] };
  return toPortMode(decidedMode(view, server));
}

/** A decided mode in the words that all meshes share. */
function toPortMode({ mode, decidedBy }: DecidedMode): PortMode {
  return mode.known
    ? { mode: MODES[mode.value], declared: mode.value, evidence: [decidedBy] }
    : { mode: 'unknown', declared: 'unknown', evidence: [decidedBy] };
}
