import { Flags } from '@oclif/core';

const repeatable = { multiple: true, multipleNonGreedy: true, helpGroup: 'EVIDENCE' } as const;

/** The flags that say who was seen calling whom; nobody who was not seen is cleared by them. */
export const evidenceFlags = {
  calls: Flags.string({ ...repeatable, summary: 'CSV or JSON of observed calls; repeatable', helpValue: 'FILE' }),
  prometheus: Flags.string({
    ...repeatable,
    summary: 'Prometheus with the metrics of proxies or of Hubble, or answers of its API that were saved; repeatable',
    helpValue: 'URL|FILE',
  }),
  flows: Flags.string({
    ...repeatable,
    summary: 'flows as hubble observe -o json writes them; repeatable',
    helpValue: 'PATH',
  }),
  'access-logs': Flags.string({
    ...repeatable,
    summary: 'access logs of Envoy or ztunnel as JSON lines; repeatable',
    helpValue: 'PATH',
  }),
  edges: Flags.string({
    ...repeatable,
    summary: 'edges as linkerd viz edges -o json writes them; repeatable',
    helpValue: 'PATH',
  }),
  window: Flags.string({
    summary: 'how far back Prometheus is asked, as 7d or 36h',
    default: '7d',
    helpValue: 'DURATION',
    helpGroup: 'EVIDENCE',
  }),
  'prometheus-match': Flags.string({
    summary: 'conditions that every series must meet, where Prometheus watches several clusters, as cluster="prod"',
    helpValue: 'LABELS',
    helpGroup: 'EVIDENCE',
  }),
  'prometheus-token-file': Flags.string({
    summary: 'file with a bearer token for Prometheus; else MESHWISE_PROMETHEUS_TOKEN',
    helpValue: 'FILE',
    helpGroup: 'EVIDENCE',
  }),
  'prometheus-user': Flags.string({
    summary: 'user for Prometheus, with the password in MESHWISE_PROMETHEUS_PASSWORD',
    helpValue: 'NAME',
    helpGroup: 'EVIDENCE',
  }),
  'prometheus-header': Flags.string({
    ...repeatable,
    summary:
      'header for Prometheus, as "X-Scope-OrgID: shop"; repeatable; else MESHWISE_PROMETHEUS_HEADERS, one a line',
    helpValue: 'HEADER',
  }),
  'prometheus-ca': Flags.string({
    summary: 'certificates that Prometheus is to be trusted by',
    helpValue: 'FILE',
    helpGroup: 'EVIDENCE',
  }),
  'prometheus-cert': Flags.string({
    summary: 'client certificate for Prometheus',
    dependsOn: ['prometheus-key'],
    helpValue: 'FILE',
    helpGroup: 'EVIDENCE',
  }),
  'prometheus-key': Flags.string({
    summary: 'key of the client certificate',
    dependsOn: ['prometheus-cert'],
    helpValue: 'FILE',
    helpGroup: 'EVIDENCE',
  }),
  'prometheus-insecure': Flags.boolean({
    summary: 'do not check the certificate of Prometheus',
    helpGroup: 'EVIDENCE',
  }),
};

/** What the flags hold once they are parsed. */
export interface EvidenceFlags {
  readonly demo: boolean;
  readonly at?: string | undefined;
  readonly calls?: readonly string[] | undefined;
  readonly prometheus?: readonly string[] | undefined;
  readonly flows?: readonly string[] | undefined;
  readonly 'access-logs'?: readonly string[] | undefined;
  readonly edges?: readonly string[] | undefined;
  readonly window: string;
  readonly 'prometheus-match'?: string | undefined;
  readonly 'prometheus-token-file'?: string | undefined;
  readonly 'prometheus-user'?: string | undefined;
  readonly 'prometheus-header'?: readonly string[] | undefined;
  readonly 'prometheus-ca'?: string | undefined;
  readonly 'prometheus-cert'?: string | undefined;
  readonly 'prometheus-key'?: string | undefined;
  readonly 'prometheus-insecure'?: boolean | undefined;
  readonly 'request-timeout': number;
}
