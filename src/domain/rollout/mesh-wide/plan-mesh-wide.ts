import { reaches } from '../goals.ts';
import type { CuttingGiven } from '../istio/cutting-stages.ts';
import { addStage, type Planning } from '../planning.ts';
import { LINKERD_MESH_STAGE, meshWide } from './mesh-stages.ts';
import { planMeshDeny } from './plan-mesh-deny.ts';
import { planMeshStrict } from './plan-mesh-strict.ts';

/** Plans the stages of Istio for the whole mesh after all namespaces, where they are asked for and as far as the goal goes. */
export function planMeshWide(given: CuttingGiven): void {
  const { goal, choices } = given.planning.input;
  if (!choices.meshWide || !reaches(goal, 'strict')) return;
  const mesh = meshWide(given);
  planMeshStrict(mesh);
  if (reaches(goal, 'deny-by-default')) planMeshDeny(mesh);
}

/** Adds the page of Linkerd's default for the whole mesh, where it is asked for: it is a value of the chart, and not an object. */
export function outlineMeshDefault(planning: Planning): void {
  const { choices, goal } = planning.input;
  if (!choices.meshWide || !reaches(goal, 'strict')) return;
  const policy = reaches(goal, 'deny-by-default') ? 'deny' : 'all-authenticated';
  const ends = planning.stages.filter(({ kind }) => kind === 'default').map(({ id }) => id);
  addStage(
    planning,
    {
      id: LINKERD_MESH_STAGE,
      kind: 'default',
      title: `Default ${policy} for the whole mesh`,
      why: 'Every namespace of the plan has its default. What is enrolled later follows the chart, which still lets everybody in.',
      dependsOn: ends,
      notes: [
        `The default of the mesh is proxy.defaultInboundPolicy of the linkerd-control-plane chart: it is set to ${policy} in the values that the chart is installed with, by whoever owns that release (helm upgrade linkerd-control-plane, with the same version and all values of today).`,
        'A pod has the default that it was made with: pods of namespaces that say nothing themselves change at their next restart, one by one, also at a drain or a scale-out.',
        'Before it, each workload with a proxy is in one list: its namespace or template says a default of its own; or it has a Server for each of its ports; or it has no proxy. Namespaces of Linkerd itself and of its extensions (viz, multicluster gateways) are among them: linkerd diagnostics policy shows what holds at a port.',
        `Whatever is enrolled afterwards takes ${policy === 'deny' ? 'no call' : 'mutual TLS only'} from its first pod, until a Server with its policies says otherwise.`,
      ],
      blockedBy: [
        {
          kind: 'platform',
          what: 'the default of the mesh is a value of the Helm release, whose other values are not read, and it acts by restarts that no stage simulates',
          remedy: `set config.linkerd.io/default-inbound-policy in each new namespace instead, or set proxy.defaultInboundPolicy=${policy} in the source of the release once every workload is in a list`,
        },
      ],
    },
    'outline',
  );
}
