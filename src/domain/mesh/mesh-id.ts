/** `contested` stands for several meshes that claim the same pods: it is never detected, and it knows no answer. */
export type MeshId =
  | 'contested'
  | 'istio'
  | 'linkerd'
  | 'consul'
  | 'cilium'
  | 'app-mesh'
  | 'kuma'
  | 'osm'
  | 'traefik-mesh'
  | 'nginx-service-mesh'
  | 'cloud-service-mesh'
  | 'vpc-lattice'
  | 'smi';
