import type { Detection } from '../../mesh/mesh.ts';
import type { World } from '../../world/world.ts';
import { addStage, type Planning } from '../planning.ts';
import { isServed } from '../foundations/served.ts';

/** Plans the decision about certificates, which is hard to change once proxies hold some. */
export function planTrust(planning: Planning, { state }: Detection): void {
  const isHere = state === 'active' || state === 'installed-unused' || state === 'external';
  addStage(
    planning,
    {
      id: 'trust',
      kind: 'trust',
      title: 'Trust anchor and issuer',
      why: 'A new anchor or trust domain later means that the control plane and every proxy restart, twice.',
      dependsOn: ['preflight'],
      notes: [...decisions(), ...howToMake(planning.world), ...rotation()],
      exitGate: [
        {
          id: 'decided',
          text: 'Who holds the key of the anchor, where, and when anchor and issuer end is written down.',
        },
        {
          id: 'certificates',
          text: 'The anchor is not the one that linkerd install makes, which ends after a year; the issuer is an ECDSA P-256 certificate authority that the anchor signed.',
          command: ['step', 'certificate', 'verify', 'issuer.crt', '--roots', 'ca.crt'],
        },
      ],
      rollback: {
        steps: [],
        timeToEffect: 'days',
        validWhile: 'no workload is enrolled',
        undoFirst: [],
        irreversible: ['adopting another anchor on a live mesh is a staged plan of its own'],
      },
    },
    isHere ? 'done' : 'ready',
  );
}

function decisions(): readonly string[] {
  return [
    "Hard to change later: the trust anchor, the trust domain (identityTrustDomain, cluster.local unless clusters are to share one), the name of the control plane's namespace (it is part of every identity), and whether a second cluster will share the anchor.",
    'Keep the key of the anchor outside the cluster, or let cert-manager hold it. The issuer is renewed often and by machine; the anchor is renewed on purpose.',
  ];
}

function howToMake(world: World): readonly string[] {
  const byHand = [
    'By hand: step certificate create root.linkerd.cluster.local ca.crt ca.key --profile root-ca --no-password --insecure --not-after 87600h; then step certificate create identity.linkerd.cluster.local issuer.crt issuer.key --profile intermediate-ca --ca ca.crt --ca-key ca.key --no-password --insecure --not-after 8760h.',
    "Then the namespace linkerd, Secret linkerd-identity-issuer (kubectl create secret tls linkerd-identity-issuer --cert issuer.crt --key issuer.key --namespace linkerd), and the anchor handed to Helm with --set-file identityTrustAnchorsPEM=ca.crt: the control plane's values read the issuer from that Secret (identity.issuer.scheme: kubernetes.io/tls). The issuer ends after a year: put the date into the calendar.",
  ];
  if (!isServed(world, 'cert-manager.io/Certificate')) return byHand;
  const bundle = isServed(world, 'trust.cert-manager.io/Bundle')
    ? 'trust-manager is here: a Bundle named linkerd-identity-trust-roots with TWO sources, Secret linkerd-trust-anchor and Secret linkerd-previous-anchor, writes key ca-bundle.crt of the ConfigMap of that name in namespace linkerd. Both Secrets exist from the first day, at first with the same certificate.'
    : 'trust-manager is not here: install it, or write ConfigMap linkerd-identity-trust-roots (key ca-bundle.crt, both anchors) in namespace linkerd by hand.';
  return [
    'cert-manager is here: a Certificate linkerd-identity-issuer in namespace linkerd (secretName linkerd-identity-issuer, isCA: true, commonName identity.linkerd.cluster.local, duration 48h, renewBefore 25h, privateKey ECDSA with rotationPolicy Always) from an issuer that holds the anchor. The values of the control plane say identity.externalCA: true.',
    bundle,
    'The Certificate of the anchor has a duration of years and is never renewed by itself.',
  ];
}

/** Source: https://linkerd.io/2-edge/tasks/manually-rotating-control-plane-tls-credentials/. */
function rotation(): readonly string[] {
  return [
    'Rotation of the anchor is a planned stage, months before it ends: 1. the current anchor becomes the previous one, the new one is made, and the bundle holds both; 2. the control plane restarts, then every proxy, workload by workload, until linkerd check --proxy finds none that knows one anchor alone; 3. the issuer is signed by the new anchor, and proxies take their next certificates from it within a day; 4. the old anchor leaves the bundle, and everything restarts once more. A bundle with a single source, renewed by machine, refuses every new certificate at its first renewal.',
  ];
}
