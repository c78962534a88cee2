import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { EvidenceFlags } from '../src/evidence-flags.ts';
import { AppError } from '../src/lib/errors.ts';
import { evidenceSource } from '../src/wiring-evidence.ts';

const SURROUNDINGS = {
  signal: () => new AbortController().signal,
  release: () => undefined,
  progress: () => undefined,
  version: 'test',
};

/** The error that reading the evidence which the flags name ends with, with all that is shown of it. */
async function refusal(flags: Partial<EvidenceFlags>): Promise<{ readonly code: string; readonly shown: string }> {
  const source = evidenceSource({ demo: false, window: '7d', 'request-timeout': 1, ...flags }, SURROUNDINGS, '');
  const error: unknown = await Promise.resolve(source.read()).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AppError)) throw new Error('it was not refused', { cause: error });
  return { code: error.code, shown: [error.message, ...error.hints].join('\n') };
}

describe('evidence from Prometheus', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'meshwise-evidence-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
    vi.unstubAllEnvs();
  });

  test.each([
    'htps://user:SECRETpw@h',
    'user:SECRETpw@127.0.0.1:9090',
    ' http://user:SECRETpw@h',
    'http:/u:SECRETpw@h',
  ])('never shows what is in a mistyped URL: %s', async (place) => {
    const { code, shown } = await refusal({ prometheus: [place] });
    expect(code).toBe('prometheus-option');
    expect(shown).not.toContain('SECRET');
  });

  test('is not asked for without credentials where the token file is empty, nor is a mistaken token shown', async () => {
    const file = join(folder, 'token');
    writeFileSync(file, '\n');
    const prometheus = ['https://127.0.0.1:1'];
    expect(await refusal({ prometheus, 'prometheus-token-file': file })).toMatchObject({ code: 'token-empty' });
    const { code, shown } = await refusal({ prometheus, 'prometheus-token-file': 'SECRETtoken' });
    expect(code).toBe('token-not-readable');
    expect(shown).not.toContain('SECRET');
  });

  test('is not asked for with a user and no password', async () => {
    vi.stubEnv('MESHWISE_PROMETHEUS_PASSWORD', '');
    const { code, shown } = await refusal({ prometheus: ['https://127.0.0.1:1'], 'prometheus-user': 'bob' });
    expect(code).toBe('password-missing');
    expect(shown).toContain('MESHWISE_PROMETHEUS_PASSWORD');
  });

  test.each(['Content-Length: 5', 'transfer-encoding: chunked', 'Host: other'])(
    'is not sent the header that HTTP itself sets: %s',
    async (header) => {
      const refused = await refusal({ prometheus: ['https://127.0.0.1:1'], 'prometheus-header': [header] });
      expect(refused).toMatchObject({ code: 'prometheus-option' });
    },
  );
});
