import { expect, it } from 'vitest';
import { validatePeerAuthentication } from '../../../../../src/domain/mesh/istio/mtls/validate-peer-authentication.ts';

const selector = { matchLabels: { app: 'a' } };

it.each([
  [{ selector, portLevelMtls: {} }, 'spec.portLevelMtls'],
  [{ selector: { matchLabels: {} }, portLevelMtls: { '80': { mode: 'STRICT' } } }, 'spec.portLevelMtls'],
  [{ selector, portLevelMtls: { http: { mode: 'STRICT' } } }, 'spec.portLevelMtls["http"]'],
  [{ selector, portLevelMtls: { '80': { mode: 'strict' } } }, 'spec.portLevelMtls["80"].mode'],
  [{ selector: { matchLabels: { app: 'a*' } } }, 'spec.selector.matchLabels["app"]'],
  [{ mtls: { mode: 'ON' } }, 'spec.mtls.mode'],
  [{ mtls: 'STRICT' }, 'spec.mtls'],
])('a spec of %j is refused at %s', (spec, field) => {
  expect(validatePeerAuthentication(spec).map((error) => error.field)).toEqual([field]);
});

it.each([[undefined], [{}], [{ mtls: null }], [{ selector, mtls: { mode: 'UNSET' } }]])(
  'a spec of %j is valid',
  (spec) => {
    expect(validatePeerAuthentication(spec)).toEqual([]);
  },
);
