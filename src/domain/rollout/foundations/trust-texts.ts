import type { World } from '../../world/world.ts';
import type { Condition } from '../plan.ts';
import { rootEnds } from './root-certificate.ts';

/** What is to be decided about Istio's certificates before anything rests on them, one paragraph each. */
export function trustNotes(world: World, namespace: string): readonly string[] {
  return [
    'Hard to change later. Decide: a plug-in CA (Secret cacerts, from your own root), istio-csr with cert-manager, or SPIRE. The self-signed default is for a pilot only: its root lives in one Secret of one cluster, and a second cluster cannot share it.',
    `Plug-in CA, before istiod starts: keep the root's key off the cluster, sign one intermediate for each cluster with it, and run "kubectl create secret generic cacerts -n ${namespace} --from-file=ca-cert.pem --from-file=ca-key.pem --from-file=root-cert.pem --from-file=cert-chain.pem". istiod takes it at its start; beside its own root it never does by itself.`,
    'istio-csr: cert-manager with an Issuer of your own CA, then chart cert-manager-istio-csr with app.certmanager.issuer set to it, then istiod with global.caAddress=cert-manager-istio-csr.cert-manager.svc:443 and env ENABLE_CA_SERVER "false". Its order is fixed: issuer, istio-csr, istiod.',
    'Names that end up in every principal and policy: the trust domain (cluster.local unless a second cluster is to share it), the name of the mesh, of the cluster and of its network. If a second cluster is in sight, sign its intermediate with the same root now.',
    ROTATION,
    rootNote(world),
  ];
}

const ROTATION =
  "Calendar: leaf certificates renew themselves within a day. The intermediate: replace it 30 days before it ends, same root, one Secret and no restart. The root: a planned stage of its own, a year before it ends: put old and new root together into root-cert.pem, restart istiod and every proxy, change the intermediate to the new root, restart again, and only then drop the old one. Webhook certificates are istiod's own and renew with its root.";

function rootNote(world: World): string {
  const ends = rootEnds(world);
  if (!ends.known) return `When the root ends was not read (${ends.reason}): the command of the gate shows it.`;
  const [soonest, ...others] = ends.value;
  const more =
    others.length === 0
      ? ''
      : ` The bundle holds ${String(others.length + 1)} roots; the last ends at ${others.at(-1) ?? ''}.`;
  return `The root that the proxies trust today ends at ${soonest ?? ''}.${more}`;
}

/** That the decision was taken, which a person says, and what shows the root that is in force. */
export function trustConditions(namespace: string): readonly Condition[] {
  return [
    {
      id: 'decided',
      text: 'The choice is written down, with the dates on which the certificates end and who renews them.',
    },
    {
      id: 'intermediate-there',
      text: 'Where a plug-in CA was chosen, Secret cacerts is there before istiod starts; where the default was, somebody has signed for a pilot.',
      command: ['kubectl', 'get', 'secret', 'cacerts', '-n', namespace],
    },
    {
      id: 'root-end-known',
      text: 'The end of the root that proxies trust is in the calendar (once istiod runs; openssl x509 -noout -enddate reads it).',
      command: [
        'kubectl',
        'get',
        'configmap',
        'istio-ca-root-cert',
        '-n',
        namespace,
        '-o',
        'jsonpath={.data.root-cert\\.pem}',
      ],
    },
  ];
}
