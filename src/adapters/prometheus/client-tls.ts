import { readFileSync } from 'node:fs';
import { createSecureContext, type ConnectionOptions } from 'node:tls';
import { wrongOption } from './prometheus-errors.ts';

/** PEM files of a TLS client. */
export interface ClientTlsFiles {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** Takes any certificate. */
  readonly insecure?: boolean | undefined;
}

/** Reads the files and makes sure that TLS can use them. */
export function clientTls({ caFile, certFile, keyFile, insecure }: ClientTlsFiles): ConnectionOptions {
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw wrongOption('a client certificate for Prometheus needs its key', 'Give both, or neither.');
  }
  const files = {
    ...(caFile === undefined ? {} : { ca: readPem(caFile) }),
    ...(certFile === undefined ? {} : { cert: readPem(certFile) }),
    ...(keyFile === undefined ? {} : { key: readPem(keyFile) }),
  };
  try {
    createSecureContext(files);
  } catch {
    throw wrongOption(
      'the certificates for Prometheus cannot be used',
      'Give PEM files, and the key without a password.',
    );
  }
  return { ...files, ...(insecure === true ? { rejectUnauthorized: false } : {}) };
}

function readPem(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw wrongOption(`${file}: cannot be read`, 'Check the path and who may read it.');
  }
  if (text.includes('-----BEGIN ')) return text;
  throw wrongOption(`${file}: not a PEM file`, 'It begins with -----BEGIN.');
}
