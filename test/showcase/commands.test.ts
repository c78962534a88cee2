import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { asObjects, asText, at } from '../../src/lib/json.ts';
import { callsOf, changeFile, filesOf, type Showcase } from './showcase-world.ts';

const RUN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const BOUTIQUE: Showcase = { app: 'boutique', mesh: 'ambient' };

function simulated(...more: readonly string[]) {
  const files = filesOf(BOUTIQUE).flatMap((file) => ['-f', file]);
  const args = [RUN, 'simulate', ...files, '--calls', callsOf(BOUTIQUE), ...more];
  return spawnSync('node', args, { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
}

test('the command says yes before, and no with the calls that break under a change', () => {
  expect(simulated().status).toBe(0);
  const { status, stdout } = simulated('--overlay', changeFile(BOUTIQUE, 'strict-too-early'), '-o', 'json');
  expect(status).toBe(1);
  const broken = asObjects(at(JSON.parse(stdout), 'calls')).filter(
    (call) => asText(at(asObjects(call['fates'])[1], 'verdict')) === 'breaks',
  );
  expect(broken.map((call) => at(call, 'call', 'id'))).toEqual([
    'boutique/Deployment/loadgenerator->boutique/Service/frontend:80',
    'load-balancer->boutique/Service/frontend-external:80',
  ]);
});

test('the Markdown for a pull request names what breaks and what decides', () => {
  const { stdout } = simulated('--overlay', changeFile(BOUTIQUE, 'allow-list-forgets-a-caller'), '-o', 'markdown');
  expect(stdout).toContain('boutique/Deployment/recommendationservice');
  expect(stdout).toContain('AuthorizationPolicy boutique/productcatalogservice');
});
