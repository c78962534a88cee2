import { createReadStream, readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { createInterface } from 'node:readline';
import type { PageStore } from './page-store.ts';

// Reads the same bytes as the reading under test and does nothing but JSON.parse them, page by page or line by line:
// `baseline.ts pages STORE URL` or `baseline.ts lines FILE`. Prints what that took,
// without the start of the program.
const [, , what = '', source = '', url = ''] = process.argv;
const agent = new Agent({ keepAlive: true, maxSockets: 2 });
const start = performance.now();
const cpu = process.cpuUsage();
const objects = what === 'pages' ? await parsePages() : await parseLines();
const { user, system } = process.cpuUsage(cpu);
const seconds = (performance.now() - start) / 1000;
agent.destroy();
process.stdout.write(`${JSON.stringify({ objects, seconds, cpuSeconds: (user + system) / 1e6 })}\n`);

async function parsePages(): Promise<number> {
  const store = JSON.parse(readFileSync(source, 'utf8')) as PageStore;
  let count = 0;
  const queue = [...store.kinds];
  const work = async (): Promise<void> => {
    for (let kind = queue.shift(); kind !== undefined; kind = queue.shift()) {
      const root = kind.apiVersion.includes('/') ? 'apis' : 'api';
      for (const page of kind.pages.keys()) {
        const text = await read(`${url}/${root}/${kind.apiVersion}/${kind.plural}?limit=500&continue=${String(page)}`);
        count += (JSON.parse(text) as { readonly items: readonly unknown[] }).items.length;
      }
    }
  };
  await Promise.all([work(), work()]);
  return count;
}

function read(address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(address, { agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve(Buffer.concat(chunks).toString('utf8'));
      });
      response.on('error', reject);
    }).on('error', reject);
  });
}

async function parseLines(): Promise<number> {
  let count = 0;
  for await (const line of createInterface({ input: createReadStream(source) })) {
    JSON.parse(line);
    count += 1;
  }
  return count;
}
