/** Label of a meshed pod: the namespace of the control plane that made its proxy. Source: linkerd2 pkg/k8s/labels.go. */
export const CONTROL_PLANE_NS = 'linkerd.io/control-plane-ns';
/** Label of the control plane's own pods: `destination`, `identity`, `proxy-injector`. */
export const COMPONENT = 'linkerd.io/control-plane-component';
/** Annotation that asks for injection: `enabled`, `disabled` or `ingress`. */
export const INJECT = 'linkerd.io/inject';
/** Annotation with the version of the proxy that was injected. */
export const PROXY_VERSION = 'linkerd.io/proxy-version';
/** Annotation with the ports whose bytes the proxies pass on without looking at them. */
export const OPAQUE_PORTS = 'config.linkerd.io/opaque-ports';
/** Annotation that moves the port at which a proxy takes what comes in. */
export const INBOUND_PORT = 'config.linkerd.io/inbound-port';
/** Annotation with the inbound ports that stay outside the proxy. */
export const SKIP_INBOUND_PORTS = 'config.linkerd.io/skip-inbound-ports';
/** Annotation with the outbound ports that stay outside the proxy. */
export const SKIP_OUTBOUND_PORTS = 'config.linkerd.io/skip-outbound-ports';
/** Annotation with the default inbound policy of a pod. */
export const DEFAULT_INBOUND_POLICY = 'config.linkerd.io/default-inbound-policy';
/** Container that runs the proxy. */
export const PROXY_CONTAINER = 'linkerd-proxy';
/** Init container that sets up the capture. */
export const INIT_CONTAINER = 'linkerd-init';
/** Init container that waits until the CNI plugin has set up the capture. */
export const VALIDATOR_CONTAINER = 'linkerd-network-validator';

/** Ports of the proxy itself. Source: linkerd2 charts/linkerd-control-plane/values.yaml, proxy.ports. */
export const PROXY_PORTS = { inbound: 4143, outbound: 4140, admin: 4191, control: 4190 } as const;
