import { formatWorkload } from '../../world/workload.ts';
import type { Enrolled } from '../enrolled.ts';
import { LINKERD_MESH_STAGE } from '../mesh-wide/mesh-stages.ts';
import { addStage, stateOf, type Planning } from '../planning.ts';
import type { LinkerdFacts } from './linkerd-facts.ts';

/** Plans what an operator does when a stage goes wrong, before the first one can. */
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
        'Is it the mesh? linkerd check --proxy; linkerd viz authz -n NAMESPACE deploy; linkerd diagnostics policy -n NAMESPACE po/POD PORT says which Server and which policies hold. A 403 with header l5d-proxy-error comes from a proxy, one without from the application.',
        'STRICT and deny of a port are undone by the rollback of their stage: the Server goes, or says what it said before. It acts within seconds, and connections stay.',
        "A whole workload at once, when its Servers are not to blame: the policy controller follows the annotation of running pods, so kubectl annotate pod -n NAMESPACE -l SELECTOR --overwrite config.linkerd.io/default-inbound-policy=all-unauthenticated opens every port that no Server is about, without a restart. The namespace's annotation acts on new pods only: change both.",
        'One workload out of the mesh: linkerd.io/inject: disabled on its pod template, which restarts it; not while its servers refuse plaintext.',
        'Pods start without a proxy: the injector is away and the webhook fails open. Bring it back, then restart the pods that linkerd check --proxy does not list. Pods do not start at all: the webhook was set to Fail; bring the injector back, and only then think of the webhook.',
        'Certificates ended: linkerd check says so. A new issuer signed by the same anchor is taken up without a restart; a new anchor is not.',
      ],
      exitGate: [{ id: 'rehearsed', text: 'Somebody on call has run the rollback of a stage once.' }],
    },
    'ready',
  );
}

/** Plans what each proxy is told, and of what it must not know. */
export function planScoping(planning: Planning, { plane }: LinkerdFacts): void {
  const outbound = plane?.ignoreOutboundPorts;
  addStage(
    planning,
    {
      id: 'scoping',
      kind: 'scoping',
      title: 'Scope of configuration',
      why: 'What a proxy takes part in should be decided before it takes part in everything.',
      dependsOn: ['control-plane'],
      notes: [
        'Proxies of Linkerd ask only for what their pod calls: there is nothing to scope for their memory.',
        'A Service is called at the ports that it declares: since 2.19 clients in the mesh are refused at any other.',
        "Databases outside the cluster whose server speaks first: on a port of the chart's opaque list and inside clusterNetworks nothing needs to be done; elsewhere an EgressNetwork with an opaque route, or skip-outbound-ports on the clients.",
        `Ports left out of capture for everybody: outbound ${outbound?.known === true && outbound.value !== '' ? outbound.value : 'those of the chart'}. A port that a workload skips by annotation has neither mutual TLS nor policy: it is an exception, with an owner and an end.`,
      ],
    },
    'ready',
  );
}

/** Plans what keeps being done afterwards. */
export function planOperate(planning: Planning, enrolled: Enrolled): void {
  const isEnd = (id: string, namespace: string): boolean =>
    [`default-${namespace}`, `deny-${namespace}`, `strict-${namespace}`].includes(id);
  const ends = enrolled.namespaces.flatMap((namespace) =>
    planning.stages.filter(({ id }) => isEnd(id, namespace)).map(({ id }) => id),
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
      dependsOn: stateOf(planning, LINKERD_MESH_STAGE) === undefined ? ends : [...ends, LINKERD_MESH_STAGE],
      notes: [
        'A new service, or a new port of one, gets its MeshTLSAuthentication and AuthorizationPolicy first, then its Server with accessPolicy deny, then its callers: a Server without a policy refuses everybody at once. In a namespace whose default is deny, a port without a Server refuses everybody too.',
        "A new caller is one more ServiceAccount in the callers' MeshTLSAuthentication of the Server that it calls, merged before the caller is deployed.",
        "Routes: an HTTPRoute that attaches to a Server takes the exemption of the kubelet's probes away, and paths that it does not match get 404. Write the probe's path as a route of its own, with a policy that admits it, in the same change or before it.",
        'Upgrades: read the notes of every release between; definitions first, then the control plane, then proxies by restarting workloads namespace by namespace. Proxies stay at most one line behind.',
        "Calendar: issuer and anchor (linkerd check warns 60 days ahead), the webhooks' certificates, the end of the Kubernetes and Gateway API releases that this Linkerd reads.",
        'Drift: linkerd check --proxy weekly; pods without a proxy in namespaces that ask for one; Servers whose selector matches no pod; opaque-ports annotations with a name or a blank in them, which the policy controller drops whole.',
        ...rows.map((row) => `Exception: ${row}`),
      ],
    },
    'ready',
  );
}
