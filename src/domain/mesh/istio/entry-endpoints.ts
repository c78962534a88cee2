import { asText, asTextMap, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { Service } from '../../world/service.ts';
import { workloadEntryTlsMode } from './destination-rule/workload-entry-tls-mode.ts';
import { visibleIn, type ProxyView } from './proxy-view.ts';

/** An endpoint of a Service that is no pod. */
export interface EntryEndpoint {
  readonly name: string;
  /** As `security.istio.io/tlsMode` of a pod. */
  readonly tlsMode: string;
}

/**
 * The WorkloadEntries that proxies take for endpoints of the Service, because its selector picks their labels; unknown
 * where WorkloadEntries were not read.
 * Source: istio pilot/pkg/serviceregistry/kube/controller/controller.go, workloadInstanceHandler.
 */
export function entryEndpoints(view: ProxyView, service: Service): Fact<readonly EntryEndpoint[]> {
  const selector = Object.entries(service.selector ?? {});
  if (selector.length === 0) return known([]);
  const { objects, gap } = visibleIn(view, KIND.workloadEntry, service.namespace);
  if (gap !== undefined) return unknown(`others may answer for ${service.namespace}/${service.name}: ${gap}`);
  return known(
    objects.flatMap(({ metadata, spec }) => {
      const labels = { ...metadata.labels, ...asTextMap(at(spec, 'labels')) };
      if (!selector.every(([key, value]) => labels[key] === value)) return [];
      return [{ name: metadata.name, tlsMode: workloadEntryTlsMode(labels, asText(at(spec, 'serviceAccount'))) }];
    }),
  );
}

/**
 * Why the wire to a Service's pods says too little about the Service: a virtual machine answers for it too, behind a
 * proxy of its own, or is sent TLS by a rule without taking any. Undefined where none of that is so.
 */
export function whyEntryDiffers(
  entries: readonly EntryEndpoint[],
  { written, service }: { readonly written: boolean; readonly service: Service },
): string | undefined {
  const found = entries.find(({ tlsMode }) => written || tlsMode === 'istio');
  if (found === undefined) return undefined;
  return `WorkloadEntry ${service.namespace}/${found.name} answers for Service ${service.name} too, and what it takes is not known here`;
}

/** Why mutual TLS to a Service's pods is not all that is on the wire: a virtual machine without a proxy answers too. */
export function whyEntryBare(entries: readonly EntryEndpoint[], service: Service): string | undefined {
  const bare = entries.find(({ tlsMode }) => tlsMode !== 'istio');
  if (bare === undefined) return undefined;
  return `WorkloadEntry ${service.namespace}/${bare.name} answers for Service ${service.name} too, and is sent plaintext`;
}
