import type { ExternalStep } from '../../world/step.ts';
import type { StageState } from '../plan.ts';
import { tryNow, writeStage, type Planning } from '../planning.ts';
import type { StageParts } from '../stage-draft.ts';
import { waypointClass } from './control-plane-expect.ts';
import { gatewayApiSteps } from './control-plane-gateway-api.ts';
import type { HelmPlane } from './control-plane-helm.ts';
import { LOOK_FOR_AMBIENT } from './control-plane-values.ts';
import { noPodsFail } from '../gates/any-mesh.ts';
import { ISTIO_CHARTS } from './istio-releases.ts';

const VALUES = 'istiod-ambient-values.yaml';

/**
 * Writes the stage that switches ambient mode on in the istiod that runs: the same Helm release, chart version and
 * values, with the profile of ambient mode over them. Gives the stage's state.
 * Source: https://istio.io/latest/docs/ambient/migrate/install-ambient-components/, read 2026-11-22.
 */
export function planAmbientUpgrade(planning: Planning, parts: StageParts, found: HelmPlane): StageState {
  const { plane } = found;
  const ready = {
    id: 'istiod-ambient',
    text: 'istiod runs with PILOT_ENABLE_AMBIENT=true.',
    state: { check: 'holds' as const, object: plane.ref, fields: deploymentFields() },
  };
  return writeStage(planning, {
    parts: {
      ...parts,
      doesNotChange: 'No running pod changes but those of istiod, and nothing asks for ambient mode yet.',
      notes: notes(found),
      exitGate: [...(parts.exitGate ?? []), ready],
      abort: [noPodsFail()],
      helmValues: [{ file: VALUES, values: { profile: 'ambient' } }],
    },
    trial: tryNow(planning, parts.id, [...gatewayApiSteps(planning.world), upgrade(found)]),
    state: 'ready',
    timeToEffect: 'minutes (helm rollback, istiod restarts)',
    undo: [rollback(found)],
    validWhile: 'no workload is enrolled in ambient mode',
    irreversible: [
      'custom resource definitions of the Gateway API stay where this stage brought them; deleting them deletes every object of theirs',
      'sidecars that were injected meanwhile take HBONE until their next restart',
    ],
    toleratesUnknown: true,
  });
}

function upgrade({ plane, release, namespace, version, mesh }: HelmPlane): ExternalStep {
  return {
    step: 'external',
    title: `Helm switches ambient mode on in release ${release}, chart istiod ${version} as before; the first command shows the values that it keeps`,
    commands: [
      ['helm', 'get', 'values', release, '--namespace', namespace],
      [
        ...['helm', 'upgrade', release, `${ISTIO_CHARTS}/istiod`, '--version', version],
        ...['--namespace', namespace, '--reuse-values', '--values', VALUES, '--wait'],
      ],
      ['kubectl', 'rollout', 'status', `deployment/${plane.ref.name}`, '-n', namespace, '--timeout=5m'],
    ],
    expect: [waypointClass()],
    expectKinds: [],
    expectChanges: [
      { target: plane.ref, fields: deploymentFields() },
      {
        target: mesh,
        fields: { decoded: { mesh: { defaultConfig: { proxyMetadata: { ISTIO_META_ENABLE_HBONE: 'true' } } } } },
      },
    ],
  };
}

/** Source: istio manifests/helm-profiles/ambient.yaml. */
function deploymentFields(): Readonly<Record<string, unknown>> {
  const env = [{ name: 'PILOT_ENABLE_AMBIENT', value: 'true' }];
  return { spec: { template: { spec: { containers: [{ name: 'discovery', env }] } } } };
}

function rollback({ release, namespace }: HelmPlane): ExternalStep {
  return {
    step: 'external',
    title: `Helm takes release ${release} back to its revision before this stage: the last one but one, unless somebody upgraded it since (the history shows it; name the revision then). Only while nothing is in ambient mode: the commands that look must find nothing.`,
    commands: [
      ...LOOK_FOR_AMBIENT,
      ['helm', 'history', release, '--namespace', namespace],
      ['helm', 'rollback', release, '--namespace', namespace, '--wait'],
    ],
    expect: [],
    expectKinds: [],
  };
}

function notes({ plane, release, version }: HelmPlane): readonly string[] {
  return [
    `Istio ${version} runs here, installed by Helm release ${release}: it keeps its version, its revision (${plane.revision}) and its values, and gets the profile of ambient mode over them.`,
    'istiod restarts. Sidecars that run keep their configuration and their certificates meanwhile; a pod that asks for injection in a moment without istiod does not start.',
    'Where the values shown name another profile, or set global.variant, pilot.env or meshConfig.defaultConfig.proxyMetadata otherwise, stop: decide with their owner how the two go together, and plan again.',
    'The profile also makes the distroless images the default: sidecars take them, and HBONE, at their next restart.',
    'Sidecars that run now were injected before the mesh took HBONE, and ztunnel sends those plaintext: where clients in ambient mode call them, they are restarted first, or they must not be STRICT.',
  ];
}
