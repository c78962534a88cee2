import type { JsonObject } from '../../../lib/json.ts';
import type { Fact } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { ClientEnd } from '../mesh.ts';
import { captureSetting, captureSettingName, listedPorts } from './capture-settings.ts';

/** A way past the proxy, for sure or perhaps. */
export type Bypass = { readonly kind: 'bypass' | 'unknown'; readonly why: string };

/** User and group of the proxy. Source: istio tools/istio-iptables/pkg/capture/run.go (`--uid-owner`, `--gid-owner`). */
const PROXY_ID = 1337;

/** What decides besides the pod: how it was injected, the chart's values, and who captures. */
interface BypassFacts {
  readonly native: Fact<boolean>;
  readonly values: Fact<JsonObject>;
  readonly cni: Fact<boolean>;
}

/**
 * Why a call passes by the sidecar of its client, or may: it runs as the proxy's own user or group, when the proxy does not run,
 * or to what capture leaves out. Undefined where the sidecar takes it.
 */
export function whyBypass(client: ClientEnd, calledPort: number, facts: BypassFacts): Bypass | undefined {
  const { pod } = client.cohort;
  const asProxy = runsAsProxyUser(pod);
  if (asProxy !== undefined) return asProxy;
  if (client.phase !== 'run' && !(facts.native.known && facts.native.value)) {
    const beside = besideProxy(client, facts.cni);
    return facts.native.known ? beside : { kind: 'unknown', why: `${beside.why}, or it is: ${facts.native.reason}` };
  }
  const port = String(calledPort);
  const excluded = captureSetting(pod, 'excludeOutboundPorts', facts.values);
  if (!excluded.known) return { kind: 'unknown', why: excluded.reason };
  if (listedPorts(excluded.value).includes(port))
    return { kind: 'bypass', why: `${captureSettingName(pod, 'excludeOutboundPorts')} leaves port ${port} out` };
  return byAddress(pod, facts.values);
}

function besideProxy({ phase, cohort }: ClientEnd, cni: Fact<boolean>): Bypass {
  const bypass = {
    kind: 'bypass',
    why: `at ${phase} the proxy may not be running, and it is no native sidecar`,
  } as const;
  const has = (init: string): boolean => cohort.pod.initContainers.some(({ name }) => name === init);
  if (phase !== 'start' || has('istio-init')) return bypass;
  if (!has('istio-validation') && cni.known && !cni.value) return bypass;
  const why = 'with the CNI plugin an init container has no network before the proxy runs';
  return { kind: 'unknown', why: has('istio-validation') || cni.known ? why : `${why}, and ${cni.reason}` };
}

const BY_ADDRESS = ['excludeOutboundIPRanges', 'includeOutboundIPRanges', 'includeOutboundPorts'] as const;

function byAddress(pod: PodShape, values: Fact<JsonObject>): Bypass | undefined {
  for (const setting of BY_ADDRESS) {
    const range = captureSetting(pod, setting, values);
    if (!range.known) return { kind: 'unknown', why: range.reason };
    // An empty list of ranges to take in takes in nothing where a pod says so, and all where the chart does.
    const takesNone = range.value === '' && setting === 'includeOutboundIPRanges' && hasOwnRanges(pod);
    if (takesNone || (range.value !== undefined && range.value !== '' && range.value !== '*')) {
      const why = `${captureSettingName(pod, setting)} captures by address, and addresses are not known here`;
      return { kind: 'unknown', why };
    }
  }
  return undefined;
}

function hasOwnRanges(pod: PodShape): boolean {
  return pod.annotations['traffic.sidecar.istio.io/includeOutboundIPRanges'] !== undefined;
}

/** Capture leaves out what the proxy's user sends, and its primary group alike; `fsGroup` is not that. */
export function runsAsProxyUser(pod: PodShape): Bypass | undefined {
  const own = pod.containers.filter(({ name }) => name !== 'istio-proxy');
  const byUser = own.filter(({ runAsUser }) => (runAsUser ?? pod.runAsUser) === PROXY_ID);
  const byGroup = own.filter(({ runAsGroup }) => (runAsGroup ?? pod.runAsGroup) === PROXY_ID);
  const asProxy = own.filter((container) => byUser.includes(container) || byGroup.includes(container));
  if (asProxy.length === 0) return undefined;
  const what = byUser.length > 0 ? 'user' : 'group';
  const why = `a container runs as ${what} ${String(PROXY_ID)}, which capture leaves out`;
  return { kind: asProxy.length === own.length ? 'bypass' : 'unknown', why };
}
