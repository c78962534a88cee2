/** What of a node names the distribution that it belongs to; each member given must match. */
export interface NodeSignal {
  readonly distribution: string;
  /** Key of a label. */
  readonly label?: RegExp;
  /** Key of an annotation. */
  readonly annotation?: RegExp;
  /** `status.nodeInfo.kubeletVersion`. */
  readonly kubelet?: RegExp;
  /** `status.nodeInfo.osImage`. */
  readonly osImage?: RegExp;
  readonly providerId?: RegExp;
  readonly name?: RegExp;
}

/**
 * Signals of distributions, the first that matches a node counts. Sources: the labels that each distribution documents
 * for its nodes, the suffixes of its builds, https://kubernetes.io/docs/reference/labels-annotations-taints/.
 */
export const NODE_SIGNALS: readonly NodeSignal[] = [
  { distribution: 'openshift', label: /^node\.openshift\.io\// },
  { distribution: 'openshift', osImage: /^Red Hat Enterprise Linux CoreOS/ },
  { distribution: 'kind', providerId: /^kind:\/\// },
  { distribution: 'minikube', label: /^minikube\.k8s\.io\// },
  { distribution: 'docker-desktop', name: /^(docker-desktop|desktop-(control-plane|worker\d*))$/ },
  { distribution: 'gke-autopilot', name: /^gk3-/, label: /^cloud\.google\.com\// },
  { distribution: 'gke', kubelet: /-gke\./ },
  { distribution: 'gke', label: /^cloud\.google\.com\/gke-nodepool$/ },
  { distribution: 'eks', kubelet: /-eks-/ },
  { distribution: 'eks', label: /^eks\.amazonaws\.com\// },
  { distribution: 'aks', label: /^kubernetes\.azure\.com\// },
  { distribution: 'rke2', kubelet: /\+rke2/ },
  { distribution: 'k3d', kubelet: /\+k3s/, name: /^k3d-/ },
  { distribution: 'k3s', kubelet: /\+k3s/ },
  { distribution: 'k3s', providerId: /^k3s:\/\// },
  { distribution: 'k0s', kubelet: /\+k0s/ },
  { distribution: 'microk8s', label: /^microk8s\.io\// },
  { distribution: 'talos', osImage: /^Talos\b/ },
  { distribution: 'iks', kubelet: /\+IKS/ },
  { distribution: 'iks', label: /^ibm-cloud\.kubernetes\.io\// },
  { distribution: 'doks', label: /^doks\.digitalocean\.com\// },
  { distribution: 'lke', label: /^lke\.linode\.com\// },
  { distribution: 'ack', kubelet: /-aliyun\./ },
  { distribution: 'ack', label: /^alibabacloud\.com\// },
  { distribution: 'tanzu', kubelet: /\+vmware\./ },
  { distribution: 'gardener', label: /^worker\.gardener\.cloud\// },
  { distribution: 'kops', label: /^kops\.k8s\.io\// },
  { distribution: 'kubeadm', annotation: /^kubeadm\.alpha\.kubernetes\.io\// },
];

/** Suffixes of an API server's version by which its distribution is told where no node can be read. */
export const VERSION_SUFFIXES: readonly (readonly [suffix: RegExp, distribution: string])[] = [
  [/-gke\./, 'gke'],
  [/-eks-/, 'eks'],
  [/\+rke2/, 'rke2'],
  [/\+k3s/, 'k3s'],
  [/\+k0s/, 'k0s'],
  [/\+IKS/, 'iks'],
  [/-aliyun\./, 'ack'],
  [/\+vmware\./, 'tanzu'],
];

/** Labels that only the nodes of one provider carry, for nodes without a providerID. */
export const PROVIDER_LABELS: readonly (readonly [label: RegExp, provider: string])[] = [
  [/^eks\.amazonaws\.com\//, 'aws'],
  [/^cloud\.google\.com\//, 'gce'],
  [/^kubernetes\.azure\.com\//, 'azure'],
  [/^alibabacloud\.com\//, 'alicloud'],
  [/^doks\.digitalocean\.com\//, 'digitalocean'],
  [/^ibm-cloud\.kubernetes\.io\//, 'ibm'],
];
