/** Words of Kubernetes' own names, labels and fields. */
const KUBERNETES = `
  kube kubernetes k8s io x default system public node lease svc cluster local pod pods namespace
  namespaces app apps instance component of managed by version role
  topology arch os linux windows amd arm istio 
  deployment deployments statefulset statefulsets daemonset daemonsets replicaset cronjob batch
  controller controllers scheduler manager apiserver proxy dns coredns etcd master control plane leader
  true false enabled disabled enable disable yes no none all any auto unknown in out and or not
  http https http2 get list watch path port ports ns sa serviceaccount serviceaccounts v rc alpha beta ms mi gi ki
  clusters spec status init containers volume volumes 
  revision strict permissive allow deny audit ingress egress inbound outbound 
  privileged baseline restricted enforce warn latest stable primary canary 
  gateway gateways class classes networking admission registration apiextensions policy policies
  autoscaling metrics metric storage security kubectl apply applied rollout rollouts restart
  eu us ap europe east west north south central spot type extensions id kept source
  agent desktop var run tmp usr bin etc opt lib dev proc sys sock on auto peer `;

/** Words by which distributions, network plugins and other components of clusters are told. */
const PLATFORM = `
  config headless roots dst cp dp crds load balancer lb application subnet uuid
  gk kind k3s k3d k0s rke microk8s minikube kops kubeadm talos tanzu vmware gardener linode lke digitalocean doks ibm
  iks oci ocid oraclecloud alibabacloud alicloud aliyun ack civo ovh scaleway autopilot nodepool nodegroup fargate gce
  ovn sdn nsx ncp terway eni eniip netd networkmonitor azure cns vpc ipsec wireguard router kubelet bpf ebpf
  toolkit kubewarden recommender updater servicemonitors podmonitors csr 
  certificates certificate manager cainjector trust-manager karpenter cluster-autoscaler descheduler
  pci hipaa fedramp fips psd compliance hazelcast ignite galera elastic dovecot imap ftp sftp nats nntp rsync telnet
  flyway liquibase migrate migration migrations migrator curl wget git sync netcat cli shadow
  provisioner local-path-storage csi driver ebs efs gcs filestore `;

/** Words of meshes' names, containers, revisions, settings and identities. */
const MESHES = `
  istiod pilot mixer galley citadel ztunnel envoy proxyv sidecar injector inject injected injection ingressgateway
  egressgateway eastwestgateway waypoint ambient hbone mesh meshes mtls mutual authz cni install repair core dump
  validation operator remote base distroless debug spiffe principal principals trust domain root ca cert certs
  linkerd destination identity heartbeat validator viz tap prometheus jaeger multicluster edge authenticated
  unauthenticated opaque skip tls network networks workload opentelemetry collector
  consul connect dataplane hashicorp kuma kong cilium hubble relay osm appmesh aws amazon amazonaws traefik maesh
  nginx nginx-mesh vpc lattice smi spire asm gke google azure aks eks openshift rancher cattle karpenter
  concurrency router xds bootstrap telemetry stats rev dataplane-mode use managed
  rewrite holdapplication until starts interception redirect tproxy capture capturing exclude include interfaces`;

/** Protocols and well-known software: rules tell by them who speaks first, and they name nobody. */
const SOFTWARE = `
  h2c grpc grpcs grpcweb ws wss tls ssl tcp udp graphql prom health healthz livez readyz ready live
  redis postgres postgresql pgsql psql mysql mariadb mongo mongodb kafka amqp amqps mqtt mqtts memcached
  memcache elasticsearch opensearch zookeeper cassandra cql ldap ldaps minio s3 vault zipkin otlp pulsar
  neo4j clickhouse mssql tds nfs smb rtmp couchbase cockroachdb cockroach imaps pop3s smtp smtps syslog
  fluentd fluentbit bit lumberjack gelf graphite statsd valkey keydb postgis timescaledb pgbouncer
  rabbitmq scylla openldap httpd haproxy grafana loki logstash busybox alpine ubuntu debian
  monitoring observability logging exporter alertmanager thanos gatekeeper kyverno flux argocd argo cd velero 
  secrets sealed calico tigera canal antrea ovnkube flannel weave kindnet anetd metallb rook longhorn cert 
  contour projectcontour ambassador emissary gloo skipper apisix autoscaler keda knative vpa hpa flagger helm kustomize
  spinnaker jenkins gitlab terraform pulumi crossplane datadog newrelic dynatrace splunk`;

/** Words by which rules know components, containers, callers from outside and the values of settings. */
const CONSTANTS = `
  admin server servers webhook webhooks api apis external internal internet facing loadbalancer public ignore match
  discovery xray daemon proxyinit terminating adaptor worker virtual vertical horizontal oauth enterprise preview
  alb nlb ip instance inc plus haproxytech aes vmagent tempo lifecycle templates acme gmp cfg builtin nsm mpod injectors
  iptables ipvs nftables kernelspace partial probe probes always never world host remote unmanaged required first last
  wait for migrat tunnel encapsulation geneve vxlan native opportunistic fail close prefer same none lax transparent simple
  cj po deploy ds job jobs sts rs ro cronjobs replicasets replicationcontroller replicationcontrollers
  authentication service services endpoint endpoints entrypoint uid audience`;

/** Words that tell the protocol only where they begin the name of a port. */
const OF_PORTS = `web ui rest dashboard gossip fluent thrift oracle tns beats vector bolt`;

/** Ends of host names that belong to nobody, and registries that everybody uses. */
const HOSTS = `com org net io dev sh co cloud lan localdomain localhost www docker gcr ghcr quay registry
  public ecr mcr microsoft library bitnami github googleapis compute elb`;

/**
 * Words that stay as they are: Kubernetes' and the meshes' own, protocols, and software that everybody knows. Rules read
 * them, and they say nothing about whose cluster it is.
 */
export const KEPT_WORDS: ReadonlySet<string> = new Set(
  [KUBERNETES, PLATFORM, MESHES, SOFTWARE, CONSTANTS, HOSTS].flatMap((words) => words.match(/[a-z]{2,}/g) ?? []),
);

/** Words that stay where they begin the name of a port; there they say what is spoken. */
export const PORT_WORDS: ReadonlySet<string> = new Set([...KEPT_WORDS, ...OF_PORTS.split(' ')]);

/** Domains whose label keys, API groups and webhook names are everybody's: they stay whole. */
export const KEPT_DOMAINS =
  /(^|\.)(kubernetes\.io|k8s\.io|x-k8s\.io|istio\.io|linkerd\.io|l5d\.io|cilium\.io|kuma\.io|consul\.hashicorp\.com|k8s\.aws|eksctl\.io|karpenter\.sh|openservicemesh\.io|smi-spec\.io|smi\.nginx\.com|nsm\.nginx\.com|nginx\.org|spiffe\.io|traefik\.io|argoproj\.io|flagger\.app|fluxcd\.io|keda\.sh|helm\.sh|cert-manager\.io|kyverno\.io|kubewarden\.io|gatekeeper\.sh|coreos\.com|prometheus\.io|projectcontour\.io|konghq\.com|getambassador\.io|knative\.dev|openshift\.io|projectcalico\.org|gke\.io|cattle\.io|sailoperator\.io|haproxy\.org|microk8s\.io|meshwise\.dev)$|^((eks|vpc)\.amazonaws|cloud\.google|mesh\.cloud\.google|kubernetes\.azure|alibabacloud|doks\.digitalocean|lke\.linode)\.com$|^worker\.gardener\.cloud$/;

/** Keys without a domain that Kubernetes itself writes or that rules read. */
export const KEPT_KEYS =
  /^(app|version|component|tier|name|release|chart|heritage|istio|k8s-app|run|pod-template-hash|rollouts-pod-template-hash|pod-template-generation|controller-revision-hash|controller-uid|job-name|type|osm-proxy-uuid)$/;

/**
 * Attributes of requests, before the brackets, as the conditions of Istio's policies name them.
 * Source: https://istio.io/latest/docs/reference/config/security/conditions/.
 */
export const ATTRIBUTE =
  /^(request\.(headers|auth\.(principal|audiences|presenter|claims))|source\.(ip|namespace|principal|serviceAccount)|remote\.ip|destination\.(ip|port)|connection\.sni|experimental\.envoy\.filters\.[a-z0-9_.]+)(?=\[|$)/;

/** Labels whose values are of a vocabulary, not names: they are neither collected nor changed. */
export const KEPT_VALUE_KEYS =
  /^(istio-injection|proxy\.istio\.io\/config|istio\.io\/(dataplane-mode|use-waypoint-namespace|waypoint-for|ingress-use-waypoint)|sidecar\.istio\.io\/inject|linkerd\.io\/(inject|control-plane-component|is-control-plane|extension)|pod-security\.kubernetes\.io\/[a-z-]+|topology\.kubernetes\.io\/[a-z]+|failure-domain\.beta\.kubernetes\.io\/[a-z]+|(beta\.)?kubernetes\.io\/(os|arch|instance-type)|node\.kubernetes\.io\/[a-z-]+|eks\.amazonaws\.com\/(compute-type|capacityType)|kubernetes\.azure\.com\/(mode|role|os-sku)|cloud\.google\.com\/(gke-os-distribution|gke-container-runtime|gke-provisioning|machine-family)|appmesh\.k8s\.aws\/sidecarInjectorWebhook|openservicemesh\.io\/[a-z-]+|kuma\.io\/sidecar-injection|consul\.hashicorp\.com\/connect-inject(-status)?)$/;
