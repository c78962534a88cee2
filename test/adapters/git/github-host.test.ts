import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { githubHost } from '../../../src/adapters/git/github-host.ts';
import { openRepository } from '../../../src/adapters/git/open-repository.ts';
import { openPullRequests } from '../../../src/app/open-pull-requests.ts';
import { preparePullRequests } from '../../../src/app/prepare-pull-requests.ts';
import type { PullRequest } from '../../../src/app/pull-request-draft.ts';
import { stageRequests } from '../../../src/render/bundle/pull-request-drafts.ts';
import { plan, tools } from '../../render/bundle/sample-plan.ts';

/** A `gh` that writes down its arguments and the text it was given, and knows of the pull requests in open/. */
const GH = `#!/usr/bin/env node
const fs = require('node:fs');
const path = require('node:path');
const root = path.join(__dirname, '..');
const args = process.argv.slice(2);
if (args[0] === '--version') process.exit(0);
const value = (flag) => args[args.indexOf(flag) + 1];
const body = args.includes('--body-file') ? fs.readFileSync(value('--body-file'), 'utf8') : undefined;
fs.appendFileSync(path.join(root, 'calls.jsonl'), JSON.stringify({ args, body, cwd: process.cwd() }) + '\\n');
if (fs.existsSync(path.join(root, 'fail'))) { console.error('no permission'); process.exit(1); }
const known = (branch) => fs.existsSync(path.join(root, 'open-' + branch.replaceAll('/', '_')));
if (args[1] === 'list') console.log(JSON.stringify(known(value('--head')) ? [{ url: 'https://gh.example/old' }] : []));
if (args[1] === 'create') console.log('https://gh.example/' + value('--head'));
`;

let root = '';
let folder = '';

function git(...args: readonly string[]): string {
  return execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'meshwise-gh-'));
  folder = join(root, 'repo');
  mkdirSync(folder);
  mkdirSync(join(root, 'bin'));
  writeFileSync(join(root, 'bin', 'gh'), GH);
  chmodSync(join(root, 'bin', 'gh'), 0o755);
  vi.stubEnv('PATH', `${join(root, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`);
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Kim');
  git('config', 'user.email', 'kim@example.com');
  git('commit', '-q', '--allow-empty', '-m', 'begin');
  execFileSync('git', ['init', '-q', '--bare', join(root, 'remote.git')]);
  git('remote', 'add', 'origin', join(root, 'remote.git'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

function prepared(): readonly PullRequest[] {
  const context = { plan, tools, layout: { layout: 'kustomize', repoPath: 'rollout' } as const };
  const drafts = stageRequests(context).map((request) => ({ ...request, bodyFile: request.page }));
  return preparePullRequests(openRepository({ folder, base: 'main' }), { drafts, only: [], folder: '' }).pullRequests;
}

function create(requests: readonly PullRequest[]): ReadonlyMap<string, string> {
  const host = githubHost(folder, 'origin');
  if (host === undefined) throw new Error('the gh of the test cannot be run');
  return openPullRequests(host, requests);
}

interface GhCall {
  readonly args: readonly string[];
  readonly body?: string;
  readonly cwd: string;
}

function calls(): readonly GhCall[] {
  const file = join(root, 'calls.jsonl');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  return lines.map((line) => JSON.parse(line) as GhCall);
}

it('pushes each branch, and opens each pull request on the one before it with the page of its stage', () => {
  const requests = prepared();
  const urls = create(requests);
  const pushed = git('ls-remote', '--heads', 'origin').split('\n');
  expect(pushed).toHaveLength(requests.length);
  const created = calls().filter(({ args }) => args[1] === 'create');
  expect(created.map(({ args }) => args)).toEqual(
    requests.map(({ branch, base, title }) => [
      ...['pr', 'create', '--head', branch, '--base', base, '--title', title],
      '--body-file',
      expect.any(String) as unknown,
    ]),
  );
  expect(created.map(({ body }) => body)).toEqual(requests.map(({ body }) => body));
  expect(created.every(({ body = '' }) => body.includes('Do not merge before'))).toBe(true);
  expect(urls.get('strict-shop')).toBe('https://gh.example/meshwise/strict-shop');
});

it('edits a pull request that is open already instead of opening it twice', () => {
  writeFileSync(join(root, 'open-meshwise_strict-shop'), '');
  const urls = create(prepared());
  const about = calls().filter(({ args }) => args.includes('meshwise/strict-shop') && args[1] !== 'list');
  expect(about.map(({ args }) => args.slice(0, 3))).toContainEqual(['pr', 'edit', 'meshwise/strict-shop']);
  expect(about.filter(({ args }) => args[1] === 'create' && args[3] === 'meshwise/strict-shop')).toEqual([]);
  expect(urls.get('strict-shop')).toBe('https://gh.example/old');
});

it('neither pushes nor opens what is merged', () => {
  const requests = prepared().map((each) =>
    each.stage === 'control-plane' ? { ...each, state: 'merged' as const } : each,
  );
  create(requests);
  expect(git('ls-remote', '--heads', 'origin')).not.toContain('meshwise/control-plane');
  expect(calls().some(({ args }) => args[3] === 'meshwise/control-plane')).toBe(false);
});

it('says what gh said where it fails, and that the branches are there', () => {
  writeFileSync(join(root, 'fail'), '');
  expect(() => create(prepared())).toThrow(/gh pr list failed: no permission/);
  expect(git('branch', '--list', 'meshwise/strict-shop')).not.toBe('');
});
