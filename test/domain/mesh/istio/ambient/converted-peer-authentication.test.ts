import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseLabelSelector } from '../../../../../src/domain/kubernetes/label-selector.ts';
import { ztunnelAcceptsPlaintext } from '../../../../../src/domain/mesh/istio/ambient/converted-peer-authentication.ts';
import type {
  DeclaredMode,
  PeerAuthentication,
} from '../../../../../src/domain/mesh/istio/mtls/peer-authentication.ts';
import { known } from '../../../../../src/domain/world/fact.ts';

const policy = (mode: DeclaredMode, portModes: Record<string, DeclaredMode> = {}): PeerAuthentication => ({
  ref: { kind: 'security.istio.io/PeerAuthentication', namespace: 'shop', name: 'p' },
  name: 'p',
  namespace: 'shop',
  age: { age: 'created', at: 0 },
  selector: parseLabelSelector(undefined),
  hasSelector: false,
  mode,
  portModes,
});

it('takes DISABLE for PERMISSIVE in a workload policy that sets a mode, ports included', () => {
  const mode = fc.constantFrom('DISABLE' as const, 'PERMISSIVE' as const, 'STRICT' as const);
  const likePermissive = (declared: DeclaredMode) => (declared === 'DISABLE' ? 'PERMISSIVE' : declared);
  fc.assert(
    fc.property(fc.tuple(mode, mode, mode), fc.constantFrom(80, 90), ([mesh, own, onPort], port) => {
      const accepts = (map: (declared: DeclaredMode) => DeclaredMode) =>
        ztunnelAcceptsPlaintext(
          { mesh: [policy(map(mesh))], namespace: [], workload: [policy(map(own), { '80': map(onPort) })] },
          port,
        );
      expect(accepts((declared) => declared)).toEqual(accepts(likePermissive));
      expect(accepts((declared) => declared)).toEqual(known((port === 80 ? onPort : own) !== 'STRICT'));
    }),
  );
});

it('is unknown where rivals of unknown age disagree, and where a mode is no mode', () => {
  const levels = { mesh: [], namespace: [], workload: [] };
  const rivals = { ...levels, namespace: [policy('STRICT'), policy('PERMISSIVE')] };
  expect(ztunnelAcceptsPlaintext(rivals, 80).known).toBe(false);
  expect(ztunnelAcceptsPlaintext({ ...levels, mesh: [policy('invalid')] }, 80).known).toBe(false);
  expect(ztunnelAcceptsPlaintext(levels, 80)).toEqual(known(true));
});
