import type { MeshId } from './mesh-id.ts';

/**
 * By mesh, the names of the webhooks that put its proxy into new pods, or refuse the pod. Names of configurations are
 * chosen by whoever installs, names of webhooks are not.
 * Sources: istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml; linkerd2
 * charts/linkerd-control-plane/templates/proxy-injector-rbac.yaml; consul-k8s
 * charts/consul/templates/connect-inject-mutatingwebhookconfiguration.yaml; aws-app-mesh-controller-for-k8s
 * config/helm/appmesh-controller/templates/webhook.yaml; kuma
 * deployments/charts/kuma/templates/cp-webhooks-and-secrets.yaml; osm pkg/constants/constants.go; nginx-service-mesh.
 */
export const POD_WEBHOOKS: Partial<Readonly<Record<MeshId, RegExp>>> = {
  istio: /sidecar-injector\.istio\.io$/,
  linkerd: /^linkerd-proxy-injector\.linkerd\.io$/,
  consul: /connect-injector\.consul\.hashicorp\.com$/,
  'app-mesh': /^mpod\.appmesh\.k8s\.aws$/,
  kuma: /^(namespace|pods)-kuma-injector\.kuma\.io$/,
  osm: /^osm-inject\.k8s\.io$/,
  'nginx-service-mesh': /^sidecar-injector-webhook-cfg\.internal\.builtin\.nsm\.nginx$/,
};
