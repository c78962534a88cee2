import { asNumber, asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { chartValues } from '../../mesh/linkerd/control-plane-settings.ts';
import { inheritedAnnotations } from '../../mesh/linkerd/injection/inheritance.ts';
import { PROXY_PORTS } from '../../mesh/linkerd/names.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { Obstacle } from '../plan.ts';
import { linkerdFacts } from './linkerd-facts.ts';

/**
 * Settings that have the proxies of these workloads listen elsewhere than at the chart's ports, where NetworkPolicies,
 * scrapes and the ports that stay free for the application would have to follow. `start` is the world that the plan
 * began in. Source: linkerd2 pkg/k8s/labels.go#ProxyInboundPortAnnotation and its siblings.
 */
export function movedPorts(start: World, world: World, workloads: readonly Workload[]): readonly Obstacle[] {
  return workloads.flatMap((workload) => {
    const home = world.get({ kind: KIND.namespace, name: workload.namespace })?.metadata.annotations ?? {};
    const annotations = inheritedAnnotations(home, workload.template.annotations);
    return Object.entries(PROXY_PORTS).flatMap(([which, usual]): readonly Obstacle[] => {
      const key = `config.linkerd.io/${which}-port`;
      const said = annotations[key];
      const setting = said === undefined ? chartSays(start, which) : { by: `annotation ${key}`, port: said };
      if (setting === undefined || setting.port === String(usual)) return [];
      return [
        {
          kind: 'object',
          what: `${formatWorkload(workload)}: ${setting.by} (${setting.port}) moves a port of the proxy from ${String(usual)}, and no stage here follows it`,
          remedy: `take it away from the template and the namespace, or from the chart's values, and plan again; or keep the workload out by plan.exclude`,
        },
      ];
    });
  });
}

function chartSays(start: World, which: string): { readonly by: string; readonly port: string } | undefined {
  const { plane, namespace } = linkerdFacts(start);
  const values = plane === undefined ? undefined : chartValues(start, namespace);
  if (values?.known !== true) return undefined;
  const written = at(values.value, 'proxy', 'ports', which);
  const port = asText(written) ?? asNumber(written);
  return port === undefined ? undefined : { by: `chart value proxy.ports.${which}`, port: String(port) };
}
