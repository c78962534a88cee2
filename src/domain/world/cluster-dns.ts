/** What a host name means to the cluster's DNS: a Service, or one instance behind a headless one. */
export interface ClusterHost {
  readonly namespace: string;
  readonly service: string;
  /** Name of the pod, for `pod.service.namespace.svc`. */
  readonly instance?: string;
  /** Whether the name says by itself that it is a Service's (`.svc`), so that it cannot be a host elsewhere. */
  readonly explicit: boolean;
}

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * What a host name may mean when a pod of the namespace looks it up, likeliest first; empty where no Service can have
 * it. Shorter names are completed by the pod's search path (`NAMESPACE.svc.cluster.local`, `svc.cluster.local`,
 * `cluster.local`), so `a.b` is Service `a` of namespace `b`, or instance `a` of the pod's own Service `b`. A cluster
 * domain other than `cluster.local` is taken as possible.
 * Source: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/.
 */
export function clusterHosts(host: string, namespace: string): readonly ClusterHost[] {
  const labels = host.toLowerCase().replace(/\.$/, '').split('.');
  if (labels.length > 12 || !labels.every((label) => LABEL.test(label))) return [];
  const svc = labels.indexOf('svc', 2);
  if (svc >= 2) return withSuffix(labels.slice(0, svc), labels.slice(svc + 1).join('.'));
  const [first = '', second, third] = labels;
  switch (labels.length) {
    case 1:
      return [{ namespace, service: first, explicit: false }];
    case 2:
      return [
        { namespace: second ?? '', service: first, explicit: false },
        { namespace, service: second ?? '', instance: first, explicit: false },
      ];
    case 3:
      return [{ namespace: third ?? '', service: second ?? '', instance: first, explicit: false }];
    default:
      return [];
  }
}

function withSuffix(labels: readonly string[], domain: string): readonly ClusterHost[] {
  const explicit = domain === '' || domain === 'cluster.local';
  const [first = '', second = '', third] = labels;
  if (labels.length === 2) return [{ namespace: second, service: first, explicit }];
  if (labels.length === 3 && third !== undefined)
    return [{ namespace: third, service: second, instance: first, explicit }];
  return [];
}
