import type { Fact } from '../../world/fact.ts';
import { known, unknown } from '../../world/fact.ts';
import { asObject, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, type KubeObject, type ObjectRef } from '../../kubernetes/object.ts';
import { ambientDoubt } from '../../mesh/istio/ambient/ztunnel-agent.ts';
import { controlPlanes, type ControlPlane } from '../../mesh/istio/control-plane.ts';
import type { World } from '../../world/world.ts';

/** An istiod that `helm install` made and that nothing but Helm writes. */
export interface HelmPlane {
  readonly plane: ControlPlane;
  readonly release: string;
  readonly namespace: string;
  /** Of the chart, which is that of the images too. */
  readonly version: string;
  /** The ConfigMap with the mesh configuration. */
  readonly mesh: ObjectRef;
}

const RELEASE = 'meta.helm.sh/release-name';
const RELEASE_NAMESPACE = 'meta.helm.sh/release-namespace';
const AMBIENT = 'PILOT_ENABLE_AMBIENT';
const HBONE = 'ISTIO_META_ENABLE_HBONE';

/**
 * The one istiod of the world, where its Helm release alone says how it is set up and the chart's ambient profile would
 * switch ambient mode on; unknown, with the reason, where any of that cannot be told. Helm itself writes the release's
 * name onto what it installs, and `helm template` does not.
 * Source: helm pkg/action/validate.go, setMetadataVisitor.
 */
export function helmPlane(world: World): Fact<HelmPlane> {
  const { gap } = world.list(KIND.deployment);
  if (gap !== undefined) return unknown(`other control planes may be there: ${gap}`);
  const [plane, another] = controlPlanes(world);
  if (plane === undefined) return unknown('no istiod runs in the cluster');
  if (another !== undefined) return unknown('several istiods run, and each of them would have to serve it');
  const object = world.get(plane.ref);
  const name = formatRef(plane.ref);
  if (object === undefined) return unknown(`${name} was not read`);
  const other = writerOf(object);
  if (other !== undefined) return unknown(`${name} is written by ${other}`);
  const { labels, annotations } = object.metadata;
  const [release, namespace] = [annotations[RELEASE], annotations[RELEASE_NAMESPACE]];
  if (release === undefined || namespace === undefined || labels['app.kubernetes.io/managed-by'] !== 'Helm')
    return unknown(`nothing on ${name} says which Helm release installed it`);
  return switchable(world, { object, plane, release, namespace });
}

/** Who else than Helm keeps writing an object, by the marks that they leave. */
function writerOf({ metadata: { labels, annotations, ownerReferences } }: KubeObject): string | undefined {
  const [owner] = ownerReferences;
  if (owner !== undefined) return `${owner.kind} ${owner.name}`;
  const flux = labels['helm.toolkit.fluxcd.io/name'];
  if (flux !== undefined) return `the HelmRelease ${flux} of Flux`;
  if (labels['kustomize.toolkit.fluxcd.io/name'] !== undefined) return 'Flux';
  if (
    annotations['argocd.argoproj.io/tracking-id'] !== undefined ||
    labels['argocd.argoproj.io/instance'] !== undefined
  )
    return 'Argo CD';
  const istioOperator = labels['install.operator.istio.io/owning-resource'];
  return istioOperator === undefined ? undefined : `istioctl or its operator (${istioOperator})`;
}

interface Candidate {
  readonly object: KubeObject;
  readonly plane: ControlPlane;
  readonly release: string;
  readonly namespace: string;
}

/** What is set already wins over the profile, so that it must not say the opposite. */
function switchable(world: World, { object, plane, release, namespace }: Candidate): Fact<HelmPlane> {
  const name = formatRef(plane.ref);
  if (namespace !== plane.namespace) return unknown(`${name} is not in the namespace of its Helm release`);
  if (plane.envNames.includes(AMBIENT)) return unknown(`${AMBIENT} of ${name} is set, and wins over the profile`);
  const doubt = ambientDoubt({ ...plane, env: { ...plane.env, [AMBIENT]: 'true' } });
  if (doubt !== undefined) return unknown(doubt);
  const chart = /^istiod-(\d.*)$/.exec(object.metadata.labels['helm.sh/chart'] ?? '')?.[1];
  const version = chart ?? plane.version;
  if (version === undefined) return unknown(`neither chart nor image of ${name} names a version`);
  if (plane.version !== undefined && plane.version !== version)
    return unknown(`${name} runs ${plane.version} from chart ${version}`);
  const mesh = meshRef(plane);
  const settings = asObject(world.get(mesh)?.decoded?.['mesh']);
  if (settings === undefined) return unknown(`the mesh configuration in ${formatRef(mesh)} was not read`);
  const hbone = at(settings['defaultConfig'], 'proxyMetadata', HBONE);
  if (hbone !== undefined && hbone !== 'true')
    return unknown(`${HBONE} in ${formatRef(mesh)} is set to something else`);
  return known({ plane, release, namespace, version, mesh });
}

function meshRef({ namespace, revision }: ControlPlane): ObjectRef {
  return { kind: KIND.configMap, namespace, name: revision === 'default' ? 'istio' : `istio-${revision}` };
}
