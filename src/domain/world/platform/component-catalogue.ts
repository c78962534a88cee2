/** What a component is there for. */
export type ComponentRole =
  | 'policy-engine'
  | 'gitops'
  | 'monitoring'
  | 'certificates'
  | 'progressive-delivery'
  | 'node-autoscaler'
  | 'pod-autoscaler';

/** How a component is told: by the images of its controllers and by the kinds that it defines. */
export interface ComponentSigns {
  readonly component: string;
  readonly role: ComponentRole;
  /** Repository of the image of one of its controllers, wherever it is mirrored. */
  readonly image: RegExp;
  /** Name of a CustomResourceDefinition that only it brings. */
  readonly definition?: RegExp;
}

/** Components that a mesh rollout has to get on with. Sources: the manifests and charts of each project. */
export const COMPONENTS: readonly ComponentSigns[] = [
  {
    component: 'argo-cd',
    role: 'gitops',
    image: /(^|\/)argocd$/,
    definition: /^(applications|applicationsets|appprojects)\.argoproj\.io$/,
  },
  {
    component: 'argo-rollouts',
    role: 'progressive-delivery',
    image: /(^|\/)argo-rollouts$/,
    definition: /^rollouts\.argoproj\.io$/,
  },
  {
    component: 'cert-manager',
    role: 'certificates',
    image: /(^|\/)cert-manager-controller$/,
    definition: /^[a-z]+\.(acme\.)?cert-manager\.io$/,
  },
  { component: 'cluster-autoscaler', role: 'node-autoscaler', image: /(^|\/)cluster-autoscaler(-(amd64|arm64))?$/ },
  {
    component: 'flagger',
    role: 'progressive-delivery',
    image: /(^|\/)flagger$/,
    definition: /\.flagger\.app$/,
  },
  {
    component: 'flux',
    role: 'gitops',
    image: /(^|\/)(source|kustomize|helm)-controller$/,
    definition: /\.toolkit\.fluxcd\.io$/,
  },
  {
    component: 'gatekeeper',
    role: 'policy-engine',
    image: /(^|\/)gatekeeper$/,
    definition: /\.templates\.gatekeeper\.sh$/,
  },
  { component: 'istio-csr', role: 'certificates', image: /(^|\/)cert-manager-istio-csr$/ },
  {
    component: 'karpenter',
    role: 'node-autoscaler',
    image: /(^|\/)karpenter(\/controller)?$/,
    definition: /\.karpenter\.sh$/,
  },
  { component: 'keda', role: 'pod-autoscaler', image: /(^|\/)keda$/, definition: /\.keda\.sh$/ },
  {
    component: 'kubewarden',
    role: 'policy-engine',
    image: /(^|\/)(kubewarden-controller|policy-server)$/,
    definition: /\.policies\.kubewarden\.io$/,
  },
  { component: 'kyverno', role: 'policy-engine', image: /(^|\/)kyverno$/, definition: /\.kyverno\.io$/ },
  { component: 'metrics-server', role: 'monitoring', image: /(^|\/)metrics-server(-(amd64|arm64))?$/ },
  { component: 'prometheus', role: 'monitoring', image: /(^|\/)prometheus$/ },
  {
    component: 'prometheus-operator',
    role: 'monitoring',
    image: /(^|\/)prometheus-operator$/,
    definition: /^(prometheuses|servicemonitors|podmonitors)\.monitoring\.coreos\.com$/,
  },
  {
    component: 'trust-manager',
    role: 'certificates',
    image: /(^|\/)trust-manager$/,
    definition: /\.trust\.cert-manager\.io$/,
  },
  {
    component: 'vertical-pod-autoscaler',
    role: 'pod-autoscaler',
    image: /(^|\/)vpa-(recommender|updater|admission-controller)$/,
    definition: /\.autoscaling\.k8s\.io$/,
  },
];
