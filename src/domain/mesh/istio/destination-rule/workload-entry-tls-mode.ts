const TLS_MODE = 'security.istio.io/tlsMode';

/**
 * The TLS mode of a WorkloadEntry or ServiceEntry endpoint: its label, else `istio` where it has a service account.
 * Source: istio pilot/pkg/serviceregistry/serviceentry/conversion.go, getTLSModeFromWorkloadEntry.
 */
export function workloadEntryTlsMode(
  labels: Readonly<Record<string, string>>,
  serviceAccount: string | undefined,
): string {
  const label = Object.hasOwn(labels, TLS_MODE) ? labels[TLS_MODE] : undefined;
  if (label !== undefined && label !== '') return label;
  return serviceAccount === undefined || serviceAccount === '' ? 'disabled' : 'istio';
}
