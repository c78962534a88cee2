import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRepository, remoteUrl } from '../../../src/adapters/git/open-repository.ts';
import { preparePullRequests } from '../../../src/app/prepare-pull-requests.ts';
import type { PullRequest, PullRequestDraft } from '../../../src/app/pull-request-draft.ts';
import type { RolloutPlan } from '../../../src/domain/rollout/plan.ts';
import type { BundleLayout } from '../../../src/render/bundle/layout.ts';
import { stageRequests } from '../../../src/render/bundle/pull-request-drafts.ts';
import { HOSTILE, peerAuthentication, plan, stage, tools } from '../../render/bundle/sample-plan.ts';

const KUBECTL: BundleLayout = { layout: 'kustomize', repoPath: '' };
const ARGO: BundleLayout = { layout: 'argocd', repoPath: '', repoUrl: 'https://git.example.com/a.git' };

let folder = '';

function git(...args: readonly string[]): string {
  return execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshwise-repo-'));
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Kim');
  git('config', 'user.email', 'kim@example.com');
  commit({ 'app.txt': 'one\n' });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function commit(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
  git('add', '-A');
  git('commit', '-q', '-m', 'work');
}

function drafts(of: RolloutPlan, layout: BundleLayout): readonly PullRequestDraft[] {
  return stageRequests({ plan: of, tools, layout }).map((request) => ({ ...request, bodyFile: request.page }));
}

function openAndPrepare(base: string | undefined): readonly PullRequest[] {
  const wishes = { drafts: drafts(plan, KUBECTL), only: [], folder: '' };
  return preparePullRequests(openRepository({ folder, base }), wishes).pullRequests;
}

function prepare(of = plan, layout = KUBECTL, only: readonly string[] = []): readonly PullRequest[] {
  const repository = openRepository({ folder, base: 'main' });
  return preparePullRequests(repository, { drafts: drafts(of, layout), only, folder: '' }).pullRequests;
}

function states(requests: readonly PullRequest[]): Readonly<Record<string, string>> {
  return Object.fromEntries(requests.map(({ stage: id, state }) => [id, state]));
}

const refs = (): string => git('for-each-ref', '--format=%(refname) %(objectname)');

describe('the branches of a plan', () => {
  it('are one for each stage that may be applied, with one commit by the user, on the stage that it waits for', () => {
    const requests = prepare();
    expect(requests).toHaveLength(4);
    expect(requests.find(({ stage: id }) => id === 'strict-shop')).toMatchObject({
      state: 'created',
      branch: 'meshwise/strict-shop',
      base: 'meshwise/enrol-shop-1f3a',
    });
    expect(git('log', '-1', '--format=%an <%ae>', 'meshwise/strict-shop')).toBe('Kim <kim@example.com>');
    expect(git('rev-list', '--count', 'main..meshwise/strict-shop')).toBe('3');
    expect(git('log', '-1', '--format=%(trailers:key=Meshwise-Stage,valueonly)', 'meshwise/strict-shop').trim()).toBe(
      'strict-shop',
    );
    const files = git('diff', '--name-only', 'meshwise/enrol-shop-1f3a', 'meshwise/strict-shop').split('\n');
    expect(files).toContain('110-strict-shop/peerauthentication-default.yaml');
    expect(files.every((path) => /^(?:110-strict-shop|rollback\/strict-shop)\//.test(path))).toBe(true);
    expect(git('ls-tree', 'meshwise/strict-shop', 'rollback/strict-shop/apply.sh')).toMatch(/^100755/);
  });

  it('stay as they are, to the byte, in a second run, and when the base went on', () => {
    prepare();
    const before = refs();
    expect(new Set(Object.values(states(prepare())))).toEqual(new Set(['unchanged']));
    expect(refs()).toBe(before);
    commit({ 'app.txt': 'two\n' });
    expect(new Set(Object.values(states(prepare())))).toEqual(new Set(['unchanged']));
  });

  it('are written anew where the plan changed, with those that stand on them', () => {
    prepare();
    const changed = {
      ...plan,
      stages: plan.stages.map((each) =>
        each.id === 'enrol-shop-1f3a' ? { ...each, why: 'For another reason.' } : each,
      ),
    };
    const found = states(prepare(changed));
    expect(found).toMatchObject({ 'enrol-shop-1f3a': 'updated', 'strict-shop': 'updated' });
    expect(git('show', 'meshwise/enrol-shop-1f3a:100-enrol-shop-1f3a/README.md')).toContain('For another reason.');
  });

  it('leave the work tree, the index and every other branch alone', () => {
    git('branch', 'meshwise-other');
    writeFileSync(join(folder, 'app.txt'), 'dirty\n');
    writeFileSync(join(folder, 'staged.txt'), 'staged\n');
    git('add', 'staged.txt');
    const before = [git('status', '--porcelain'), git('rev-parse', 'HEAD', 'meshwise-other')];
    prepare();
    prepare();
    expect([git('status', '--porcelain'), git('rev-parse', 'HEAD', 'meshwise-other')]).toEqual(before);
    expect(readFileSync(join(folder, 'app.txt'), 'utf8')).toBe('dirty\n');
  });

  it('stand on all stages that they wait for, with the files of all', () => {
    const strict = (id: string, number: number, dependsOn: readonly string[]) =>
      stage({
        ...{ id, number, kind: 'strict', state: 'ready', dependsOn },
        steps: [{ step: 'apply', manifest: peerAuthentication(id, 'STRICT') }],
      });
    const forked = { ...plan, stages: [strict('a', 100, []), strict('b', 110, []), strict('c', 120, ['a', 'b'])] };
    const requests = prepare(forked);
    expect(requests.at(-1)).toMatchObject({ base: 'meshwise/b', waitsFor: ['meshwise/a', 'meshwise/b'] });
    expect(git('ls-tree', '--name-only', 'meshwise/c').split('\n')).toEqual(
      expect.arrayContaining(['100-a', '110-b', '120-c', 'app.txt']),
    );
    expect(new Set(Object.values(states(prepare(forked))))).toEqual(new Set(['unchanged']));
  });

  it('leave out a stage that waits for one that is not written out', () => {
    const waiting = stage({ id: 'operate', number: 900, kind: 'operate', state: 'ready', dependsOn: ['last'] });
    const last = stage({ id: 'last', number: 890, kind: 'strict', state: 'outline', dependsOn: ['strict-shop'] });
    const requests = prepare({ ...plan, stages: [...plan.stages, last, waiting] });
    expect(requests.map(({ stage: id }) => id)).not.toContain('operate');
    expect(git('branch', '--list', 'meshwise/operate')).toBe('');
  });

  it('bring the page of the plan and the check of the entry gates with the first that is merged', () => {
    for (const { branch } of prepare()) {
      const files = git('ls-tree', '-r', '--name-only', branch).split('\n');
      expect(files).toEqual(expect.arrayContaining(['README.md', 'plan.json', 'ci/meshwise-entry.yaml']));
    }
  });

  it('are no longer needed once the base has the stage, whether merged or squashed', () => {
    prepare();
    git('merge', '-q', '--squash', 'meshwise/control-plane');
    git('commit', '-q', '-m', 'squashed');
    expect(states(prepare())).toMatchObject({ 'control-plane': 'merged', 'strict-shop': 'updated' });
    git('merge', '-q', '--no-ff', '-m', 'merge', 'meshwise/enrol-shop-1f3a');
    expect(states(prepare())).toMatchObject({ 'enrol-shop-1f3a': 'merged', 'strict-shop': 'unchanged' });
  });

  it('can be limited to a stage, with those that it waits for', () => {
    expect(Object.keys(states(prepare(plan, KUBECTL, ['enrol-shop-1f3a'])))).toEqual([
      'control-plane',
      'enrol-shop-1f3a',
    ]);
    expect(() => prepare(plan, KUBECTL, ['strict-pay'])).toThrow(/no stage strict-pay that may be applied/);
  });
});

describe('with a GitOps layout', () => {
  it('a later stage edits the file of the stage before, and a merged stage is never set back', () => {
    const home = 'live/enrol-shop-1f3a/peerauthentication_security.istio.io_shop_default.yaml';
    prepare(plan, ARGO);
    expect(git('show', `meshwise/layout:live/enrol-shop-1f3a/kustomization.yaml`)).toContain('resources: []');
    expect(git('show', `meshwise/enrol-shop-1f3a:${home}`)).toContain('mode: PERMISSIVE');
    expect(git('show', `meshwise/strict-shop:${home}`)).toContain('mode: STRICT');
    git('merge', '-q', '--no-ff', '-m', 'merge', 'meshwise/strict-shop');
    expect(states(prepare(plan, ARGO))).toMatchObject({ 'enrol-shop-1f3a': 'merged', 'strict-shop': 'merged' });
  });

  it('reverting the commit of a stage leaves its home empty, so that pruning takes its objects away', () => {
    prepare(plan, ARGO);
    git('checkout', '-q', 'meshwise/enrol-shop-1f3a');
    git('revert', '--no-edit', 'HEAD');
    expect(git('show', 'HEAD:live/enrol-shop-1f3a/kustomization.yaml')).toContain('resources: []');
  });
});

describe('what is refused before any branch is moved', () => {
  it('a branch of that name that somebody else made', () => {
    git('branch', 'meshwise/strict-shop');
    const before = refs();
    expect(() => prepare()).toThrow(/not meshwise's/);
    expect(refs()).toBe(before);
  });

  it('a branch to which somebody added a commit, and one whose commit somebody amended', () => {
    prepare();
    git('checkout', '-q', 'meshwise/strict-shop');
    commit({ 'more.txt': 'more\n' });
    git('checkout', '-q', 'main');
    const before = refs();
    expect(() => prepare()).toThrow(/not meshwise's/);
    git('checkout', '-q', 'meshwise/control-plane');
    mkdirSync(join(folder, 'x'));
    writeFileSync(join(folder, 'x', 'y'), 'z');
    git('add', '-A');
    git('commit', '-q', '--amend', '--no-edit');
    git('checkout', '-q', 'main');
    expect(() => prepare()).toThrow(/somebody changed the files of the branch meshwise\/control-plane/);
    expect(before).toContain('refs/heads/meshwise/strict-shop');
  });

  it('the branch of a stage as the base, whether it is checked out or named', () => {
    prepare();
    expect(() => openAndPrepare('meshwise/control-plane')).toThrow(/is the branch of a stage/);
    git('checkout', '-q', 'meshwise/control-plane');
    const before = refs();
    expect(() => openAndPrepare(undefined)).toThrow(/is the branch of a stage/);
    expect(refs()).toBe(before);
    expect(new Set(Object.values(states(openAndPrepare('main'))))).toEqual(new Set(['unchanged']));
  });

  it('a branch that is checked out and would change', () => {
    prepare();
    git('checkout', '-q', 'meshwise/strict-shop');
    const changed = { ...plan, stages: plan.stages.map((each) => ({ ...each, risk: 'Another.' })) };
    expect(() => prepare(changed)).toThrow(/is checked out/);
  });

  it('a folder that is no repository, a base that is no branch, and no branch at all', () => {
    const nowhere = mkdtempSync(join(tmpdir(), 'meshwise-none-'));
    expect(() => openRepository({ folder: nowhere, base: undefined })).toThrow(/is no Git repository/);
    rmSync(nowhere, { recursive: true });
    expect(() => openRepository({ folder, base: 'nosuch' })).toThrow(/no branch nosuch/);
    git('checkout', '-q', '--detach');
    expect(() => openRepository({ folder, base: undefined })).toThrow(/no branch checked out/);
  });

  it('a commit by nobody', () => {
    git('config', 'user.email', '');
    const saved = { ...process.env };
    delete process.env['GIT_AUTHOR_EMAIL'];
    try {
      expect(() => prepare()).toThrow(/user\.email is not set/);
    } finally {
      Object.assign(process.env, saved);
    }
    expect(git('branch', '--list', 'meshwise/*')).toBe('');
  });
});

describe('hostile ids of stages', () => {
  it('become branches that mean nothing to git, and no line of the commit message', () => {
    const ids = [HOSTILE, '../../heads/main', '-D main', 'x.lock', 'a..b', '@{-1}', 'A'];
    const stages = ids.map((id, index) => stage({ id, number: 100 + index, kind: 'enrol', state: 'ready', title: id }));
    const requests = prepare({ ...plan, stages });
    expect(requests).toHaveLength(ids.length);
    for (const { branch, commit: made = '' } of requests) {
      expect(branch).toMatch(/^meshwise\/[a-z0-9_-]+$/);
      expect(git('rev-parse', `refs/heads/${branch}`)).toBe(made);
      expect(git('log', '-1', '--format=%B', made)).not.toMatch(/^kind: Evil/m);
    }
    expect(git('ls-tree', '-r', '--name-only', requests.at(-1)?.commit ?? '')).not.toMatch(/\.\.\//);
    expect(git('rev-parse', 'main')).toBe(git('rev-parse', 'HEAD'));
  });
});

describe('the address of a remote', () => {
  it('is told without user name and password', () => {
    git('remote', 'add', 'origin', 'https://kim:secret@git.example.com/a.git');
    expect(remoteUrl(folder, 'origin')).toBe('https://git.example.com/a.git');
    expect(remoteUrl(folder, 'nosuch')).toBeUndefined();
  });
});
