import { AppError, EXIT, unreachableError } from '../../lib/errors.ts';

/** Whether an error code of Node stands for a certificate or a handshake that failed. */
export function isTlsFailure(code: string): boolean {
  return /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_|^EPROTO$/.test(code);
}

/** Ends a reading that the user stopped. */
export function cancelledError(): AppError {
  return new AppError('cancelled while reading the cluster', { code: 'cancelled', exitStatus: EXIT.cancelled });
}

/** The API server could not be reached at all; `code` is Node's error code, `server` names it without credentials. */
export function cannotReach(server: string, code: string): AppError {
  if (isTlsFailure(code)) {
    return unreachableError('tls-failure', `${server}: the TLS connection to the API server failed (${code})`, [
      'Check certificate-authority-data and tls-server-name of this cluster in the kubeconfig.',
      'If a proxy replaces certificates, add its CA with NODE_EXTRA_CA_CERTS.',
    ]);
  }
  return unreachableError('cluster-unreachable', `${server}: ${whyUnreachable(code)}`, [
    'Check that the cluster is up and that this machine may reach it (VPN, firewall, HTTPS_PROXY).',
    'Choose another cluster with --context or --kubeconfig, or read files with -f.',
  ]);
}

/** The API server does not accept the credentials of the kubeconfig. */
export function unauthorized(server: string, context: string): AppError {
  return unreachableError('unauthorized', `${server}: the API server does not accept the credentials (401)`, [
    `The token or certificate of context ${JSON.stringify(context)} may have expired; log in to the cluster again.`,
    'Then try `kubectl get namespaces` with the same context.',
  ]);
}

/** Something answers at the server's address, but not as a Kubernetes API server. */
export function notAnApiServer(server: string, reason: string): AppError {
  return unreachableError('not-an-api-server', `${server}: /version could not be read: ${reason}`, [
    'Check `server` of this cluster in the kubeconfig; a proxy or a login page may answer in its place.',
  ]);
}

function whyUnreachable(code: string): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there (ECONNREFUSED)';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name of the API server cannot be resolved (${code})`;
    case 'ETIMEDOUT':
      return 'no answer in time; --request-timeout gives it longer';
    default:
      return `the API server cannot be reached (${code})`;
  }
}
