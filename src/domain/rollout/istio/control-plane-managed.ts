import { cloudServiceMesh } from '../../mesh/cloud-service-mesh/cloud-service-mesh.ts';
import { controlPlanes } from '../../mesh/istio/control-plane.ts';
import type { Kind } from '../../kubernetes/object.ts';
import { isServed } from '../foundations/served.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';

/** A control plane that somebody else installs and upgrades. */
export interface ManagedPlane {
  readonly product: string;
  /** What the product lets its users do, one paragraph. */
  readonly note: string;
  /** Why ambient mode cannot be planned on it; absent where it can. */
  readonly ambient?: string;
}

const OPENSHIFT_3: readonly Kind[] = ['sailoperator.io/Istio', 'sailoperator.io/IstioRevision'];
const OPENSHIFT_2: Kind = 'maistra.io/ServiceMeshControlPlane';

/** Whose control plane the world holds, where it is a product's; undefined where it is an installation of one's own. */
export function managedPlane(world: World): ManagedPlane | undefined {
  return azure(world) ?? google(world) ?? openShift(world) ?? solo(world);
}

/**
 * Source: our notes of 2026-11-21 on the add-on (namespace, revisions asm-1-xx, labels by revision) from
 * https://learn.microsoft.com/azure/aks/istio-about; commands: https://learn.microsoft.com/azure/aks/istio-deploy-addon
 * and https://learn.microsoft.com/azure/aks/istio-upgrade, read 2026-11-22.
 */
function azure(world: World): ManagedPlane | undefined {
  const plane = controlPlanes(world).find(({ namespace }) => namespace === 'aks-istio-system');
  if (plane === undefined) return undefined;
  return {
    product: 'the Istio add-on of AKS',
    note: `The control plane is the Istio add-on of AKS, revision ${plane.revision}: Azure installs and upgrades it. Namespaces ask for it by istio.io/rev=${plane.revision}, never by istio-injection; mesh settings go into the ConfigMap istio-shared-configmap-${plane.revision} of aks-istio-system, as far as Azure allows them; versions are those of "az aks mesh get-revisions", upgrades "az aks mesh upgrade". No Helm values are written over it.`,
    ambient: 'the control plane is the Istio add-on of AKS, which is not known to serve ambient mode',
  };
}

/** Source: our notes of 2026-11-21 from https://docs.cloud.google.com/service-mesh, whose release notes were seen as of 2026-11-12. */
function google(world: World): ManagedPlane | undefined {
  const { state } = cloudServiceMesh.detect(world);
  if (state === 'absent' || state === 'remnant' || state === 'unknown') return undefined;
  return {
    product: 'Cloud Service Mesh',
    note: 'The control plane is Google Cloud Service Mesh: Google upgrades it by release channel, and its own istiod must not stand beside another. Which implementation runs (ISTIOD or TRAFFIC_DIRECTOR) only "gcloud container fleet mesh describe" says; with TRAFFIC_DIRECTOR pods of the host network, WasmPlugin and IstioOperator are not supported. No Helm values are written over it.',
    ambient: 'the control plane is Cloud Service Mesh, which is not known to serve ambient mode',
  };
}

/**
 * Source: https://github.com/istio-ecosystem/sail-operator for the kinds of sailoperator.io, as public manifests of
 * 2026-11-22 use them; our notes of 2026-11-21 for those of maistra.io, which were not checked against a source.
 */
function openShift(world: World): ManagedPlane | undefined {
  if (isServed(world, OPENSHIFT_2)) {
    return {
      product: 'OpenShift Service Mesh 2',
      note: 'The control plane is OpenShift Service Mesh 2: ServiceMeshControlPlane says what runs, and members are listed in ServiceMeshMemberRoll or by ServiceMeshMember, not by labels alone. No Helm values are written over it.',
      ambient: 'the control plane is OpenShift Service Mesh 2, which has no ambient mode',
    };
  }
  if (!OPENSHIFT_3.some((kind) => isServed(world, kind))) return undefined;
  return {
    product: 'the Sail operator (OpenShift Service Mesh 3)',
    note: 'An operator owns the control plane (sailoperator.io): changes go into its objects Istio, IstioCNI and ZTunnel, which write over whatever Helm would set; IstioRevisionTag is its revision tag.',
  };
}

/** Vendor builds keep Istio's names; their images and tags do not. No source lists them all: others are not recognised. */
function solo(world: World): ManagedPlane | undefined {
  const images = workloadsOf(world)
    .filter(({ template }) => template.labels['app'] === 'istiod')
    .flatMap(({ template }) => template.containers.map(({ image }) => image));
  const image = images.find((text) => /solo-io|-solo(-|$)|soloio|tetrate/.test(text));
  if (image === undefined) return undefined;
  return {
    product: 'a vendor build of Istio',
    note: `istiod runs a vendor's build (${image}): its version list, its registry and its operator are the vendor's. No Helm values are written over it.`,
  };
}
