import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { asObjects, asTextMap, asTexts, at } from '../../../lib/json.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import { oncePerCohort } from '../../world/once-per-cohort.ts';
import type { Service } from '../../world/service.ts';
import type { Cohort, Workload } from '../../world/workload.ts';
import type { ClientEnd } from '../mesh.ts';
import { labelsInForce } from './labels-in-force.ts';
import { visibleIn, type ProxyView } from './proxy-view.ts';

/** The Sidecar resource in force: one that selects the client, else its namespace's, else the root namespace's. */
export function sidecarFor(
  view: ProxyView,
  { workload, cohort }: Omit<ClientEnd, 'phase'>,
): Fact<KubeObject | undefined> {
  return sidecars(workload, cohort, view);
}

const sidecars = oncePerCohort((workload: Workload, cohort: Cohort, view: ProxyView) =>
  findSidecar(view, { workload, cohort }),
);

function findSidecar(view: ProxyView, client: Omit<ClientEnd, 'phase'>): Fact<KubeObject | undefined> {
  const own = visibleIn(view, KIND.sidecar, client.workload.namespace);
  const root = visibleIn(view, KIND.sidecar, view.settings.rootNamespace);
  const gap = own.gap ?? root.gap;
  if (gap !== undefined) return unknown(gap);
  const selecting = own.objects.filter(
    (object) => selectorOf(object) !== undefined && selects(object, labelsInForce(client.workload, client.cohort)),
  );
  const wide = own.objects.filter((object) => selectorOf(object) === undefined);
  const mesh = root.objects.filter((object) => selectorOf(object) === undefined);
  for (const candidates of [selecting, wide, mesh]) {
    if (candidates.length > 1)
      return unknown(`several Sidecar resources apply to ${client.workload.namespace}/${client.workload.name}`);
    if (candidates[0] !== undefined) return known(candidates[0]);
  }
  return known(undefined);
}

function selectorOf(object: KubeObject): unknown {
  return at(object.spec, 'workloadSelector');
}

function selects(object: KubeObject, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(asTextMap(at(selectorOf(object), 'labels'))).every(([key, value]) => labels[key] === value);
}

/** Without an egress list a Sidecar hides nothing; else a host must name the service or all of its namespace. */
export function inEgress(sidecar: KubeObject, clientNamespace: string, service: Service): Fact<boolean> {
  const egress = asObjects(at(sidecar.spec, 'egress'));
  if (egress.length === 0) return known(true);
  const { namespace, name } = sidecar.metadata;
  const odd = egress.some((listener) => listener['port'] !== undefined || listener['captureMode'] === 'NONE');
  if (odd)
    return unknown(`Sidecar ${namespace ?? ''}/${name} sets up egress listeners of its own, which are not modelled`);
  const fqdn = `${service.name}.${service.namespace}.svc.cluster.local`;
  const hosts = egress.flatMap((listener) => asTexts(listener['hosts']));
  return known(hosts.some((host) => names(host, { clientNamespace, serviceNamespace: service.namespace, fqdn })));
}

function names(
  host: string,
  call: { readonly clientNamespace: string; readonly serviceNamespace: string; readonly fqdn: string },
): boolean {
  const slash = host.indexOf('/');
  const space = host.slice(0, slash);
  const pattern = host.slice(slash + 1);
  const inSpace = space === '*' || (space === '.' ? call.clientNamespace : space) === call.serviceNamespace;
  return (
    inSpace &&
    (pattern === '*' || pattern === call.fqdn || (pattern.startsWith('*.') && call.fqdn.endsWith(pattern.slice(1))))
  );
}
