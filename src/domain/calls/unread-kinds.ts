import { KIND } from '../kubernetes/kinds.ts';
import type { Kind } from '../kubernetes/object.ts';
import type { World } from '../world/world.ts';

/** The kinds whose objects tell of calls or open a server to callers from elsewhere. */
const TELLING = [
  KIND.service,
  KIND.ingress,
  KIND.networkPolicy,
  KIND.mutatingWebhook,
  KIND.validatingWebhook,
  KIND.customResourceDefinition,
  KIND.apiService,
  KIND.httpRoute,
  KIND.grpcRoute,
  KIND.tcpRoute,
  KIND.tlsRoute,
  KIND.virtualService,
  KIND.istioGateway,
  KIND.sidecar,
  KIND.serviceEntry,
  KIND.authorizationPolicy,
  KIND.linkerdServer,
  KIND.linkerdAuthorizationPolicy,
  KIND.serverAuthorization,
  KIND.consulServiceIntentions,
  KIND.serviceMonitor,
  KIND.podMonitor,
  KIND.blackboxProbe,
  KIND.workloadEntry,
  KIND.deployment,
  KIND.statefulSet,
  KIND.daemonSet,
  KIND.cronJob,
  KIND.job,
  KIND.pod,
] as const satisfies readonly Kind[];

/** The kinds that tell of calls and were not read whole, each with the reason: their callers are missing. */
export function unreadKinds(world: World): readonly { readonly kind: Kind; readonly reason: string }[] {
  return TELLING.flatMap((kind) => {
    const { gap } = world.list(kind);
    return gap === undefined ? [] : [{ kind, reason: gap }];
  });
}
