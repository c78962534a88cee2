import { AppError, EXIT, unreachableError, usageError } from '../../lib/errors.ts';

/** Ends a reading that the user stopped. */
export function cancelledError(): AppError {
  return new AppError('cancelled while reading Prometheus', { code: 'cancelled', exitStatus: EXIT.cancelled });
}

/** No answer at all; `code` is Node's, `server` names the server without credentials. */
export function cannotReach(server: string, code: string): AppError {
  if (code === 'BODY_TOO_LONG' || code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(server);
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_|^EPROTO$/.test(code)) {
    return unreachableError('prometheus-tls-failure', `${server}: the TLS connection to Prometheus failed (${code})`, [
      'Name the CA that signed its certificate with --prometheus-ca.',
      'If a proxy replaces certificates, add its CA with NODE_EXTRA_CA_CERTS.',
    ]);
  }
  const why =
    code === 'ETIMEDOUT'
      ? 'no answer in time; --request-timeout gives it longer'
      : code === 'ECONNREFUSED'
        ? 'nothing listens there (ECONNREFUSED)'
        : `Prometheus cannot be reached (${code})`;
  return unreachableError('prometheus-unreachable', `${server}: ${why}`, [
    'Check the URL given to --prometheus and that this machine may reach it (VPN, firewall, HTTPS_PROXY).',
    'Inside a cluster, `kubectl port-forward` brings it to http://localhost:9090.',
  ]);
}

function tooLarge(server: string): AppError {
  return unreachableError(
    'prometheus-answer-too-large',
    `${server}: the answer of Prometheus is too large to be read`,
    ['A shorter --window, or --prometheus-match, asks for less.'],
  );
}

/** 401 or 403. */
export function notAllowed(server: string, status: number): AppError {
  return unreachableError(
    'prometheus-unauthorized',
    `${server}: Prometheus does not accept the credentials (${String(status)})`,
    [
      'Give a token (--prometheus-token-file, MESHWISE_PROMETHEUS_TOKEN), or --prometheus-user and MESHWISE_PROMETHEUS_PASSWORD.',
      'A store for several tenants wants a header that names one: --prometheus-header.',
    ],
  );
}

/** Something answers, but not with Prometheus' API. */
export function notPrometheus(server: string, reason: string): AppError {
  return unreachableError('not-prometheus', `${server}: this is not Prometheus' query API: ${reason}`, [
    'Give the URL before /api/v1, with its path: https://HOST/prometheus.',
    'A login page or a proxy may answer in its place.',
  ]);
}

/** The server answered every time that it cannot answer. */
export function queryFailed(server: string, reason: string): AppError {
  return unreachableError('prometheus-query-failed', `${server}: ${reason}`, [
    'A shorter --window or a longer --request-timeout asks less of it.',
  ]);
}

/** The options are wrong; `next` says what to do. */
export function wrongOption(message: string, ...next: string[]): AppError {
  return usageError('prometheus-option', message, ...next);
}
