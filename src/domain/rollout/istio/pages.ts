import { formatWorkload } from '../../world/workload.ts';
import type { Detection } from '../../mesh/mesh.ts';
import { addStage, type Planning } from '../planning.ts';
import type { Enrolled } from '../enrolled.ts';

/** The decision about certificates, which is hard to change once proxies hold some. */
export function planTrust(planning: Planning, detection: Detection): void {
  const isHere =
    detection.state === 'active' || detection.state === 'installed-unused' || detection.state === 'external';
  addStage(
    planning,
    {
      id: 'trust',
      kind: 'trust',
      title: 'Root of trust',
      why: 'A new root, trust domain or second cluster later means a second restart of everything.',
      dependsOn: ['preflight'],
      notes: [
        'Hard to change later. Decide: a plug-in CA (Secret cacerts, from your own root), istio-csr with cert-manager, or SPIRE. The self-signed default is for a pilot only.',
        'Trust domain: cluster.local unless a second cluster is to share it. It is part of every principal in the authorization policies.',
        'Write down who renews the root and the intermediate, and when.',
      ],
      exitGate: [{ id: 'decided', text: 'The choice is written down, with the dates on which the certificates end.' }],
      rollback: {
        steps: [],
        timeToEffect: 'days',
        validWhile: 'no workload is enrolled',
        undoFirst: [],
        irreversible: ['adopting another root on a live mesh is a staged plan of its own'],
      },
    },
    isHere ? 'done' : 'ready',
  );
}

/** What an operator does when a stage goes wrong, before the first one can. */
export function planBreakGlass(planning: Planning): void {
  addStage(
    planning,
    {
      id: 'break-glass',
      kind: 'break-glass',
      title: 'Break glass',
      why: 'The first incident must not be the first time that anybody looks for these commands.',
      dependsOn: ['control-plane'],
      notes: [
        'Is it the mesh? istioctl proxy-status; istioctl x describe pod POD -n NAMESPACE; the access log of the server says who refused and why.',
        'STRICT and deny are undone by the rollback of their stage, in seconds, last stage first.',
        'One workload out of the mesh: label its pod template sidecar.istio.io/inject: "false" and restart it; not while its servers are STRICT.',
        'Pods that cannot start because istiod is away: bring istiod back; only then think of the webhook.',
      ],
      exitGate: [{ id: 'rehearsed', text: 'Somebody on call has run the rollback of a stage once.' }],
    },
    'ready',
  );
}

/** How much configuration each sidecar is given. */
export function planScoping(planning: Planning): void {
  addStage(
    planning,
    {
      id: 'scoping',
      kind: 'scoping',
      title: 'Scope of configuration',
      why: 'Without a scope every sidecar is given the whole cluster; in a big one proxies and istiod run out of memory.',
      dependsOn: ['control-plane'],
      notes: [
        'No Sidecar object is written: a host that one forgets turns into plaintext passthrough, which STRICT refuses. Add one per namespace after its calls were observed, as a change of its own, simulated.',
        'discoverySelectors in the mesh configuration leave out namespaces that no sidecar ever calls.',
      ],
    },
    'ready',
  );
}

/** What keeps being done afterwards. */
export function planOperate(planning: Planning, enrolled: Enrolled): void {
  const ends = enrolled.namespaces.flatMap((namespace) =>
    planning.stages.filter(({ id }) => id === `deny-${namespace}` || id === `strict-${namespace}`).map(({ id }) => id),
  );
  const rows = planning.exceptions.map(
    ({ workload, layer, ports, reason }) =>
      `${formatWorkload(workload)} ${layer}${ports.length > 0 ? ` ${ports.join(', ')}` : ''}: ${reason}.`,
  );
  addStage(
    planning,
    {
      id: 'operate',
      kind: 'operate',
      title: 'Operate',
      why: 'A mesh drifts: new services, exceptions that stay, certificates and releases that end.',
      dependsOn: ends,
      notes: [
        'A new service gets its allow rule before its first caller: one more source in the callers policy of each server it calls.',
        'Upgrades install the next revision, move the tag, restart namespace by namespace, and remove the old revision when no proxy uses it.',
        ...rows.map((row) => `Exception: ${row}`),
      ],
    },
    'ready',
  );
}
