import type { CuttingPlane } from './cutting.ts';
import { converged, denied, noPlaintext, plaintextRefused, shadowClean } from './gates.ts';

/** Sidecars: they report what policies in dry run would refuse, and requests as well as connections. */
export const SIDECAR_PLANE: CuttingPlane = {
  hasDryRun: true,
  strictWhy: 'From here on the sidecars of the namespace take nothing but mutual TLS.',
  strictDoesNotChange:
    'Who may call is not decided here: every workload of the mesh still may. Pods without a sidecar are not protected.',
  parts: {
    shadow: {
      kind: 'shadow',
      title: 'Dry run of the allow rules',
      why: 'The sidecars report whom the rules would refuse, before anybody is.',
      doesNotChange: 'Nobody is refused: the policies carry istio.io/dry-run "true".',
    },
    'allow-catch-all': {
      kind: 'allow',
      title: 'Admit everybody, in so many words',
      why: 'The first enforced ALLOW refuses everybody whom it does not name; so the first one names everybody.',
      doesNotChange: 'Nobody is refused, and nobody gets in who could not before.',
    },
    allow: {
      kind: 'allow',
      title: 'Enforce the allow rules beside the catch-all',
      why: 'The rules are in force and tested while the catch-all still admits everybody else.',
      doesNotChange: 'Nobody is refused: the catch-all is there.',
    },
    deny: {
      kind: 'deny',
      title: 'Deny by default',
      why: 'The catch-all goes: whoever no rule names is refused.',
      doesNotChange:
        'Covered are captured TCP ports of pods with a sidecar. Not covered: UDP, excluded ports, host network, pods without a sidecar, ports 15020, 15021 and 15090, and everything that leaves.',
    },
  },
  converged,
  beforeStrict: ({ namespace, rule }) => [noPlaintext(namespace, rule.minWindowSeconds)],
  beforePart: ({ namespace, rule }, part) => (part === 'shadow' ? [] : [shadowClean(namespace, rule.minWindowSeconds)]),
  afterReplay: () => [],
  onStrict: plaintextRefused,
  onDeny: denied,
};
