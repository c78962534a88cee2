import { asObjects, asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf } from '../../kubernetes/object.ts';
import { parseVersion } from '../../kubernetes/version.ts';
import type { World } from '../../world/world.ts';
import type { MtlsMode, PortMode, ServerEnd } from '../mesh.ts';
import { namespaceMeta } from '../recognised/enrolment.ts';
import { imageVersion, runningContainers } from '../recognised/signature.ts';
import { firstGap } from '../recognised/signs.ts';
import { kumaTlsMode } from './tls-mode.ts';

const MODES: Readonly<Record<ReturnType<typeof kumaTlsMode>, MtlsMode>> = {
  Strict: 'strict',
  Permissive: 'permissive',
  none: 'none',
  unknown: 'unknown',
};
const MESH = 'kuma.io/mesh';

/**
 * The TLS mode of a pod's data plane, which holds for all its ports, so far as Mesh alone decides it: which data planes
 * a MeshTLS or a MeshIdentity selects is not resolved.
 */
export function kumaPortMode({ workload, cohort }: ServerEnd, world: World): PortMode {
  const gap = firstGap(world, [KIND.kumaMesh, KIND.kumaMeshTls, KIND.kumaMeshIdentity]);
  if (gap !== undefined) return undecidedMode(gap);
  const namespace = namespaceMeta(world, workload.namespace);
  const name = cohort.pod.labels[MESH] ?? (namespace.known ? namespace.value.labels[MESH] : undefined) ?? 'default';
  if (!namespace.known) return undecidedMode(namespace.reason);
  const [policy] = [KIND.kumaMeshTls, KIND.kumaMeshIdentity].flatMap((kind) => world.list(kind).objects);
  if (policy !== undefined) {
    return undecidedMode(
      `${policy.kind} ${policy.metadata.name} is here, and which data planes it selects is not resolved`,
    );
  }
  const proxy = runningContainers(cohort.pod).find(({ name: container }) => container === 'kuma-sidecar');
  const version = parseVersion(imageVersion(proxy?.image ?? '') ?? '');
  if (version === undefined) return undecidedMode('no image names the version of Kuma, and 3.0 ignores Mesh.mtls');
  const ref = { kind: KIND.kumaMesh, name };
  const mesh = world.get(ref);
  if (mesh === undefined) return undecidedMode(`Mesh ${name} is not among those that were read`);
  const enabled = asText(at(mesh.spec, 'mtls', 'enabledBackend'));
  const found = asObjects(at(mesh.spec, 'mtls', 'backends')).find((backend) => backend['name'] === enabled);
  const backend = enabled === undefined || found === undefined ? undefined : { mode: asText(found['mode']) };
  const declared = kumaTlsMode({ major: version.major, backend, identity: false, meshTls: undefined });
  const evidence = {
    object: refOf(mesh),
    field: 'spec.mtls',
    value: enabled ?? 'no backend',
    rule: 'TLS mode of the mesh',
  };
  return { mode: MODES[declared], declared, evidence: [evidence] };
}

function undecidedMode(rule: string): PortMode {
  return { mode: 'unknown', declared: 'unknown', evidence: [{ rule }] };
}
