import { expect, it } from 'vitest';
import {
  defaultNativeSidecarMode,
  isNativeSidecar,
} from '../../../../../src/domain/mesh/istio/injection/native-sidecar.ts';
import { known, unknown } from '../../../../../src/domain/world/fact.ts';

const kubelets = (...versions: string[]) => known(new Map(versions.map((version, node) => [String(node), version])));

it.each([
  [['v1.33.5-gke.1080000', 'v1.34.1+k3s1'], true],
  [['v1.33.0', 'v1.32.9'], false],
  [['v1.33.0', 'unreadable'], false],
  [[], false],
])('native sidecars in mode auto need every kubelet of %j at 1.33', (versions, native) => {
  expect(isNativeSidecar({ mode: known('auto'), kubelets: kubelets(...versions) })).toEqual(known(native));
});

it('the annotation decides before anything that is not known', () => {
  const blind = { mode: unknown('a'), kubelets: unknown('b') };
  expect(isNativeSidecar({ ...blind, podAnnotation: 'yes' })).toEqual(known(true));
  expect(isNativeSidecar({ ...blind, podAnnotation: '' })).toEqual(unknown('a'));
  expect(isNativeSidecar({ ...blind, mode: known('auto') })).toEqual(unknown('b'));
});

it('a node that is not listed leaves the answer to all nodes, and an odd mode means no', () => {
  const auto = { mode: known('auto'), kubelets: kubelets('v1.33.0'), podNodeName: 'elsewhere' };
  expect(isNativeSidecar(auto)).toEqual(known(true));
  expect(isNativeSidecar({ ...auto, mode: known('TRUE') })).toEqual(known(false));
});

it('auto is the default since 1.27', () => {
  expect([defaultNativeSidecarMode(26), defaultNativeSidecarMode(27)]).toEqual(['false', 'auto']);
});
