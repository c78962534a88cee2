import { asText, at, type JsonObject } from '../../../lib/json.ts';
import { known, type Fact } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';

const ANNOTATION = 'traffic.sidecar.istio.io/';

/** Settings of what a pod's capture takes, by annotation: the chart value and the argument of istio-init that say the same. */
const SETTINGS = {
  includeInboundPorts: { value: 'includeInboundPorts', flag: '-b' },
  excludeInboundPorts: { value: 'excludeInboundPorts', flag: '-d' },
  includeOutboundPorts: { value: 'includeOutboundPorts', flag: '-q' },
  excludeOutboundPorts: { value: 'excludeOutboundPorts', flag: '-o' },
  includeOutboundIPRanges: { value: 'includeIPRanges', flag: '-i' },
  excludeOutboundIPRanges: { value: 'excludeIPRanges', flag: '-x' },
} as const;

export type CaptureSetting = keyof typeof SETTINGS;

/**
 * A setting of the pod's capture: as istio-init was told in a pod that runs, else as the annotation says, else the
 * chart's value. Undefined where nothing is set.
 * Source: istio manifests/charts/istio-control/istio-discovery/files/injection-template.yaml.
 */
export function captureSetting(
  pod: PodShape,
  setting: CaptureSetting,
  values: Fact<JsonObject>,
): Fact<string | undefined> {
  const { value, flag } = SETTINGS[setting];
  const args = pod.initContainers.find(({ name }) => name === 'istio-init')?.args ?? [];
  if (args.length > 0) {
    const index = args.indexOf(flag);
    return known(index < 0 ? undefined : args[index + 1]);
  }
  const annotation = pod.annotations[`${ANNOTATION}${setting}`];
  if (annotation !== undefined) return known(annotation);
  return values.known ? known(asText(at(values.value, 'global', 'proxy', value))) : values;
}

/** Where the setting stands, for messages. */
export function captureSettingName(pod: PodShape, setting: CaptureSetting): string {
  return pod.annotations[`${ANNOTATION}${setting}`] === undefined
    ? `the injector's ${SETTINGS[setting].value}`
    : `annotation ${ANNOTATION}${setting}`;
}

/** The ports of a setting. */
export function listedPorts(setting: string | undefined): readonly string[] {
  return (setting ?? '').split(',').map((part) => part.trim());
}
