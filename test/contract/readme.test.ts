import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const readme = new URL('../../README.md', import.meta.url);
const run = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const block = /<!-- output: (.+?) -->\n\n```text\n([\s\S]*?)```/g;

describe('README', () => {
  it('shows what the commands really print', () => {
    const text = readFileSync(readme, 'utf8');
    const shown = text.replaceAll(
      block,
      (_whole, command: string) => `<!-- output: ${command} -->\n\n\`\`\`text\n${outputOf(command)}\`\`\``,
    );
    if (process.env['UPDATE'] === '1') writeFileSync(readme, shown);
    expect([...text.matchAll(block)].length).toBeGreaterThan(1);
    expect(process.env['UPDATE'] === '1' ? shown : text).toBe(shown);
  });
});

function outputOf(command: string): string {
  const { stdout, status } = spawnSync('node', [run, ...command.split(' ')], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  expect(status).toBe(0);
  return stdout;
}
