import { KIND } from '../../kubernetes/kinds.ts';
import { derivedFrom } from '../../world/derived.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import type { MtlsMode, PortMode, ServerEnd } from '../mesh.ts';
import { effectiveMode, modeOnPort, type DecidedMode, type EffectiveMtls } from './mtls/effective-mode.ts';
import {
  parsePeerAuthentication,
  type MtlsMode as IstioMode,
  type PeerAuthentication,
} from './mtls/peer-authentication.ts';
import { visibleAmong, type ProxyView } from './proxy-view.ts';

const MODES: Readonly<Record<IstioMode, MtlsMode>> = {
  STRICT: 'strict',
  PERMISSIVE: 'permissive',
  DISABLE: 'disabled',
};

/** The PeerAuthentications that decide for pods of a namespace, with the reason why there may be more. */
export function peerAuthentications(
  view: ProxyView,
  namespace: string,
): { readonly policies: readonly PeerAuthentication[]; readonly gap: string | undefined } {
  const { objects, gap } = visibleAmong(view, KIND.peerAuthentication, [view.settings.rootNamespace, namespace]);
  return { policies: objects.map(parsedPolicy), gap };
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
  const { policies, gap } = peerAuthentications(view, namespace);
  return effectiveMode({
    policies,
    workload: { namespace, labels },
    rootNamespace: view.settings.rootNamespace,
    ...(gap === undefined ? {} : { gap }),
  });
}

/** The mode on a container port of a server, with the policy that decides. */
export function decidedMode(view: ProxyView, server: ServerEnd): DecidedMode {
  return modeOnPort(effectiveMtls(view, server.workload.namespace, server.cohort.pod.labels), server.port);
}

/** A decided mode in the words that all meshes share. */
export function toPortMode({ mode, decidedBy }: DecidedMode): PortMode {
  return mode.known
    ? { mode: MODES[mode.value], declared: mode.value, evidence: [decidedBy] }
    : { mode: 'unknown', declared: 'unknown', evidence: [decidedBy] };
}
