/** Manifests in YAML in which names decide: each is a world of its own. */
export interface NamedWorld {
  readonly title: string;
  readonly yaml: string;
}

interface App {
  readonly name: string;
  readonly namespace: string;
  readonly annotations?: string;
  readonly labels?: string;
  readonly ports?: string;
  /** Containers of a mesh, as a list's lines. */
  readonly proxy?: string;
}

/** A Deployment with its account and Service; `ports` are the container's, in flow style. */
function app({
  name,
  namespace,
  annotations = '',
  labels = '',
  ports = '{name: http, containerPort: 8080}',
  proxy = '',
}: App): string {
  return `
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: ${name}, namespace: ${namespace}}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  selector: {app: ${name}}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata:
      labels: {app: ${name}${labels}}
      annotations: {${annotations}}
    spec:
      serviceAccountName: ${name}
      containers:
      - name: ${name}
        image: registry.example/${name}:1
        env: [{name: ORDERS_URL, value: "http://orders.${namespace}:80"}]
        ports: [${ports}]
${proxy}`;
}

function namespace(name: string, labels: string, annotations = ''): string {
  return `
---
apiVersion: v1
kind: Namespace
metadata: {name: ${name}, labels: {${labels}}, annotations: {${annotations}}}
`;
}

const MESH = `
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data: {mesh: "rootNamespace: istio-system\\ntrustDomain: acme.example"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod, istio.io/rev: default}}
spec:
  selector: {matchLabels: {app: istiod}}
  template:
    metadata: {labels: {app: istiod, istio.io/rev: default}}
    spec: {containers: [{name: discovery, image: "docker.io/istio/pilot:1.29.2"}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: istio-sidecar-injector, labels: {app: sidecar-injector, istio.io/rev: default}}
webhooks:
- name: namespace.sidecar-injector.istio.io
  clientConfig: {service: {name: istiod, namespace: istio-system, path: /inject}}
  namespaceSelector: {matchLabels: {istio-injection: enabled}}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
`;

const ISTIO_PROXY = `
      - {name: istio-proxy, image: "docker.io/istio/proxyv2:1.29.2", args: [proxy, sidecar], env: [{name: TRUST_DOMAIN, value: acme.example}]}
      initContainers:
      - {name: istio-init, image: "docker.io/istio/proxyv2:1.29.2", args: [istio-iptables, -p, "15001", -z, "15006", -u, "1337", -m, REDIRECT, -i, "*", -x, "", -b, "*", -d, "15090,15021,15020"]}
`;
const LINKERD_PROXY = `
      - {name: linkerd-proxy, image: "cr.l5d.io/linkerd/proxy:edge-26.10.1"}
      initContainers:
      - {name: linkerd-init, image: "cr.l5d.io/linkerd/proxy-init:v2.4.3", args: [--incoming-proxy-port, "4143", --outgoing-proxy-port, "4140", --proxy-uid, "2102"]}
`;

/** The names are chosen so that they fall before, between and after the words that stay. */
const ISTIO = `${MESH}
${namespace('auth', 'istio-injection: enabled')}
${app({ name: 'request', namespace: 'auth', proxy: ISTIO_PROXY })}
${app({ name: 'orders', namespace: 'auth', proxy: ISTIO_PROXY, annotations: 'traffic.sidecar.istio.io/excludeInboundPorts: "9090"' })}
${app({ name: 'zebra', namespace: 'auth', annotations: 'sidecar.istio.io/inject: "false"' })}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: zone, namespace: auth, creationTimestamp: "2026-01-01T00:00:00Z"}
spec: {mtls: {mode: PERMISSIVE}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: auth, creationTimestamp: "2026-01-01T00:00:00Z"}
spec: {mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: let-request, namespace: auth}
spec:
  selector: {matchLabels: {app: orders}}
  rules:
  - from: [{source: {principals: ["acme.example/ns/auth/sa/request"], namespaces: ["au*"]}}]
    when: [{key: request.auth.claims[team], values: [request]}, {key: source.namespace, values: [auth]}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: yaks, namespace: auth}
spec: {host: orders.auth.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: default, namespace: auth}
spec: {host: orders, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
`;

const AMBIENT = `${MESH}
${namespace('parcels', 'istio.io/dataplane-mode: ambient, istio.io/use-waypoint: turnstile')}
${app({ name: 'tracker', namespace: 'parcels' })}
${app({ name: 'orders', namespace: 'parcels', labels: ', istio.io/dataplane-mode: none' })}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: ztunnel, namespace: istio-system}
spec:
  selector: {matchLabels: {app: ztunnel}}
  template:
    metadata: {labels: {app: ztunnel}}
    spec: {serviceAccountName: ztunnel, containers: [{name: istio-proxy, image: "docker.io/istio/ztunnel:1.29.2"}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: turnstile, namespace: parcels, labels: {istio.io/waypoint-for: service}}
spec:
  gatewayClassName: istio-waypoint
  listeners: [{name: mesh, port: 15008, protocol: HBONE}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: at-turnstile, namespace: parcels}
spec:
  targetRefs: [{group: "", kind: Service, name: orders}]
  rules: [{from: [{source: {principals: ["acme.example/ns/parcels/sa/tracker"]}}], to: [{operation: {paths: ["/track*"]}}]}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: all-of-tracker, namespace: parcels}
spec: {selector: {matchLabels: {app: tracker}}, action: DENY, rules: [{from: [{source: {namespaces: [orders]}}]}]}
`;

const INJECTED = 'linkerd.io/inject: enabled';
/** The port on which the proxy itself listens, declared under a name of the application's own. */
const STATS = '{name: http, containerPort: 8080}, {name: stats, containerPort: 4191}';

/** The Server on `linkerd-admin` counts only where the proxy's own port goes by that name. */
const LINKERD = `
${namespace('linkerd', 'linkerd.io/is-control-plane: "true"')}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: linkerd-proxy-injector, namespace: linkerd, labels: {linkerd.io/control-plane-component: proxy-injector}}
spec:
  selector: {matchLabels: {linkerd.io/control-plane-component: proxy-injector}}
  template:
    metadata: {labels: {linkerd.io/control-plane-component: proxy-injector}}
    spec: {containers: [{name: proxy-injector, image: "cr.l5d.io/linkerd/controller:edge-26.10.1"}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: linkerd-config, namespace: linkerd}
data: {values: "identityTrustDomain: cluster.local\\nproxy: {defaultInboundPolicy: all-unauthenticated}"}
${namespace('parcels', '', INJECTED)}
${app({ name: 'tracker', namespace: 'parcels', annotations: INJECTED, ports: STATS, proxy: LINKERD_PROXY })}
${app({ name: 'orders', namespace: 'parcels', proxy: LINKERD_PROXY, annotations: `${INJECTED}, config.linkerd.io/default-inbound-policy: deny` })}
---
apiVersion: policy.linkerd.io/v1beta3
kind: Server
metadata: {name: linkerd-admin, namespace: parcels}
spec: {podSelector: {matchLabels: {app: tracker}}, port: linkerd-admin, proxyProtocol: HTTP/1}
---
apiVersion: policy.linkerd.io/v1alpha1
kind: AuthorizationPolicy
metadata: {name: linkerd-admin, namespace: parcels}
spec:
  targetRef: {group: policy.linkerd.io, kind: Server, name: linkerd-admin}
  requiredAuthenticationRefs: [{kind: ServiceAccount, name: prometheus, namespace: linkerd-viz}]
---
apiVersion: policy.linkerd.io/v1beta3
kind: Server
metadata: {name: orders-web, namespace: parcels}
spec: {podSelector: {matchLabels: {app: orders}}, port: http, proxyProtocol: HTTP/1}
---
apiVersion: policy.linkerd.io/v1alpha1
kind: MeshTLSAuthentication
metadata: {name: friends, namespace: parcels}
spec: {identities: ["tracker.parcels.serviceaccount.identity.linkerd.cluster.local", "*.crates.serviceaccount.identity.linkerd.cluster.local"]}
---
apiVersion: policy.linkerd.io/v1alpha1
kind: NetworkAuthentication
metadata: {name: office, namespace: parcels}
spec: {networks: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}]}
---
apiVersion: policy.linkerd.io/v1beta3
kind: HTTPRoute
metadata: {name: orders-read, namespace: parcels}
spec:
  parentRefs: [{group: policy.linkerd.io, kind: Server, name: orders-web}]
  rules: [{matches: [{path: {type: PathPrefix, value: /orders}, method: GET}]}]
---
apiVersion: policy.linkerd.io/v1alpha1
kind: AuthorizationPolicy
metadata: {name: readers, namespace: parcels}
spec:
  targetRef: {group: policy.linkerd.io, kind: HTTPRoute, name: orders-read}
  requiredAuthenticationRefs:
  - {group: policy.linkerd.io, kind: MeshTLSAuthentication, name: friends}
  - {group: policy.linkerd.io, kind: NetworkAuthentication, name: office}
---
apiVersion: policy.linkerd.io/v1beta1
kind: ServerAuthorization
metadata: {name: older, namespace: parcels}
spec: {server: {name: orders-web}, client: {meshTLS: {serviceAccounts: [{name: tracker, namespace: parcels}]}}}
`;

const OTHERS = `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: acme-connect-injector, namespace: consul, labels: {app: consul, component: connect-injector}}
spec:
  selector: {matchLabels: {app: consul}}
  template:
    metadata: {labels: {app: consul, component: connect-injector}}
    spec:
      containers:
      - {name: sidecar-injector, image: "hashicorp/consul-k8s-control-plane:1.9.0", command: [consul-k8s-control-plane, inject-connect, -default-inject=true]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: cilium, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: cilium}}
  template:
    metadata: {labels: {k8s-app: cilium}}
    spec: {containers: [{name: cilium-agent, image: "quay.io/cilium/cilium:v1.18.2"}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cilium-config, namespace: kube-system}
data: {enable-wireguard: "true", kube-proxy-replacement: partial, mesh-auth-enabled: "true"}
${namespace('partial', '')}
${app({ name: 'tracker', namespace: 'partial', annotations: 'consul.hashicorp.com/connect-inject: "true", consul.hashicorp.com/connect-service-port: web', ports: '{name: web, containerPort: 8080}' })}
${app({ name: 'orders', namespace: 'partial' })}
---
apiVersion: consul.hashicorp.com/v1alpha1
kind: ServiceIntentions
metadata: {name: tracker, namespace: partial}
spec: {destination: {name: tracker}, sources: [{name: orders, action: allow}, {name: "*", action: deny}]}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: orders, namespace: partial}
spec:
  endpointSelector: {matchLabels: {app: orders}}
  ingress: [{fromEndpoints: [{matchLabels: {app: tracker}}], authentication: {mode: required}}]
`;

/** Worlds of the meshes whose policies name what they admit. */
export const NAMED_WORLDS: readonly NamedWorld[] = [
  { title: 'Istio with sidecars', yaml: ISTIO },
  { title: 'Istio ambient with a waypoint', yaml: AMBIENT },
  { title: 'Linkerd with its policies', yaml: LINKERD },
  { title: 'Consul and Cilium', yaml: OTHERS },
];

/** Who was seen calling whom in those worlds. */
export const NAMED_CALLS = [
  '# window: 2026-11-01T00:00:00Z/2026-11-15T00:00:00Z',
  '# sees-unmeshed: true',
  'client,clientKind,service,port,method,path,count,lastSeen',
  'tracker,deploy,orders,80,GET,/orders/7,12,2026-11-14T10:00:00Z',
  'request,,orders,80,get,/track/9?token=1,3,2026-11-14T10:00:00Z',
  'internet,,tracker,80,GET,/,1,2026-11-13T10:00:00Z',
  'zebra,Deployment,request,80,POST,/track,4,2026-11-14T11:00:00Z',
].join('\n');
