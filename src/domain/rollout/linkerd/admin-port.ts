import { KIND } from '../../kubernetes/kinds.ts';
import { PROXY_PORTS } from '../../mesh/linkerd/names.ts';
import type { ApplyStep } from '../../world/step.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import { MANAGED_LABELS } from '../objects/generated-objects.ts';
import { addStage, tryNow, writeStage } from '../planning.ts';
import type { LinkerdCutting } from './cutting.ts';
import { converged, stillScraped } from './gates.ts';
import { portPolicy } from './port-policy.ts';

/** Name of the Server about the proxies' own port. */
const NAME = 'linkerd-admin-scrapes';

/** Id of the stage that keeps the proxies' own port open in a namespace. */
export function adminStage(namespace: string): string {
  return `scrapes-${namespace}`;
}

/**
 * Plans the Server that keeps the port open at which proxies are scraped: the port obeys the default policy of its pod,
 * so that a stricter default would blind every gate. Nothing where Servers of others are about it, or where it is
 * shut today.
 */
export function planAdminPort(cutting: LinkerdCutting, servers: readonly Workload[]): void {
  const { planning, namespace, enrolled } = cutting;
  const policies = servers.map((workload) => ({
    workload,
    policy: portPolicy(planning.world, workload, PROXY_PORTS.admin),
  }));
  const ours = planning.world.get({ kind: KIND.linkerdServer, namespace, name: NAME });
  const shut = policies.filter(({ policy }) => policy.kind !== 'held' || policy.access !== 'all-unauthenticated');
  const parts = {
    id: adminStage(namespace),
    kind: 'strict',
    title: `Proxies of ${namespace} stay scraped`,
    why: `Port ${String(PROXY_PORTS.admin)} of every proxy obeys its pod's default policy. Closed, it blinds the gates of every later stage.`,
    doesNotChange:
      'Nothing today: the Server says what holds already. Whoever can reach the pods reads metrics, as today.',
    dependsOn: enrolled.waves.get(namespace) ?? [],
    scope: { namespaces: [namespace], workloads: [] },
    exitGate: [converged(), stillScraped(namespace)],
  } as const;
  if (ours !== undefined) {
    addStage(planning, parts, 'done');
    return;
  }
  if (shut.length > 0) {
    planning.warnings.push(
      `port ${String(PROXY_PORTS.admin)} of ${shut.map(({ workload }) => formatWorkload(workload)).join(', ')} is not open to everybody today: see that its scraper gets in, for nothing opens it here`,
    );
    return;
  }
  if (policies.some(({ policy }) => policy.kind === 'held' && policy.server !== undefined)) return;
  const step = adminServer(namespace);
  writeStage(planning, {
    parts,
    trial: tryNow(planning, parts.id, [step]),
    state: 'ready',
    timeToEffect: 'seconds (configuration push)',
    validWhile: `stage default-${namespace} is not applied, or is undone first`,
  });
}

/** As `linkerd viz allow-scrapes` selects it. Source: linkerd2 viz/cmd/allow-scrapes.go. */
function adminServer(namespace: string): ApplyStep {
  return {
    step: 'apply',
    manifest: {
      apiVersion: 'policy.linkerd.io/v1beta3',
      kind: 'Server',
      metadata: { name: NAME, namespace, labels: MANAGED_LABELS },
      spec: {
        podSelector: {},
        port: 'linkerd-admin',
        proxyProtocol: 'HTTP/1',
        accessPolicy: 'all-unauthenticated',
      },
    },
  };
}
