import { afterAll, describe, expect, it } from 'vitest';
import { readEdges } from '../../../src/adapters/flows/edges.ts';
import { logFiles } from './log-files.ts';

const files = logFiles();
afterAll(files.end);

const EDGE = {
  src: 'web',
  src_namespace: 'emojivoto',
  dst: 'voting',
  dst_namespace: 'emojivoto',
  client_id: 'web.emojivoto',
  server_id: 'voting.emojivoto',
  no_tls_reason: '',
};

describe('the edges of Linkerd', () => {
  it('are calls between workloads, secured where an identity was shown and no reason against it is given', async () => {
    const edges = [
      EDGE,
      { ...EDGE, dst: 'emoji', server_id: '', no_tls_reason: 'Not Provided By Service Discovery' },
      { ...EDGE, dst: 'other', server_id: '' },
    ];
    const file = files.write('edges.json', `${JSON.stringify(edges, null, 2)}\n`);
    const { rows, seesUnmeshed, window } = await readEdges(file);
    expect(rows).toEqual([
      {
        source: `${file}:2`,
        client: 'web',
        clientNamespace: 'emojivoto',
        server: 'voting',
        serverNamespace: 'emojivoto',
        wire: 'mutual-tls',
      },
      expect.objectContaining({ source: `${file}:11`, server: 'emoji', wire: 'plaintext' }),
      expect.not.objectContaining({ wire: expect.anything() as unknown }),
    ]);
    expect([seesUnmeshed, window]).toEqual([false, undefined]);
  });

  it('are read from one line as well, and from several lists', async () => {
    const { rows } = await readEdges(files.write('lists.json', [[EDGE, { ...EDGE, dst: 'a}"' }], [EDGE]]));
    expect(rows.map(({ server }) => server)).toEqual(['voting', 'a}"', 'voting']);
  });

  it('say that they are of a moment, of meshed clients and of one connection each', async () => {
    const { gaps } = await readEdges(files.write('one.json', [[EDGE]]));
    expect(gaps).toHaveLength(3);
  });

  it('that are something else are a usage error; broken ones among them are named', async () => {
    await expect(readEdges(files.write('other.json', '{"kind":"Pod"}\n'))).rejects.toMatchObject({
      code: 'no-calls-found',
    });
    await expect(readEdges(files.write('none.json', '[]\n'))).rejects.toMatchObject({ code: 'no-calls-found' });
    const { rows, gaps } = await readEdges(files.write('mixed.json', [[EDGE, { src: 1 }], '{"src":']));
    expect(rows).toHaveLength(1);
    expect(gaps?.join('\n')).toMatch(/1 line left out: not an edge \(\S+:1\)/);
    expect(gaps?.join('\n')).toMatch(/1 line left out: an object that does not end \(\S+:2\)/);
  });
});
