import { describe, expect, it } from 'vitest';
import { bindingCommands, rolesFor } from '../../src/app/print-rbac.ts';
import { parseYaml } from '../../src/adapters/yaml/read.ts';
import { ASKED_KINDS } from '../../src/domain/world/asked-kinds.ts';
import { resourceOf } from '../../src/domain/kubernetes/plurals.ts';
import { asObjects, asTexts, at } from '../../src/lib/json.ts';
import { rolesAsYaml } from '../../src/wiring-rbac.ts';

const rulesOf = (item: unknown) => asObjects(at(item, 'rules'));

describe('the printed roles', () => {
  const { items } = rolesFor({ configMapNamespaces: ['shop'], revisions: ['canary'] });
  const clusterRules = rulesOf(items[0]);

  it('list every kind that is asked for, and nothing else', () => {
    const granted = clusterRules
      .filter((rule) => asTexts(rule['verbs']).includes('list'))
      .flatMap((rule) => asTexts(rule['resources']).map((name) => `${String(asTexts(rule['apiGroups'])[0])}/${name}`));
    const wanted = ASKED_KINDS.filter((kind) => kind !== 'ConfigMap').map((kind) =>
      kind.includes('/') ? `${kind.slice(0, kind.indexOf('/'))}/${resourceOf(kind)}` : `/${resourceOf(kind)}`,
    );
    expect(granted.sort()).toEqual([...wanted].sort());
  });

  it('give no verb but get and list, no Secret, and ConfigMaps by name alone', () => {
    expect(new Set(items.flatMap(rulesOf).flatMap((rule) => asTexts(rule['verbs'])))).toEqual(new Set(['get', 'list']));
    expect(JSON.stringify(items)).not.toMatch(/"secrets"|"\*"/);
    const maps = clusterRules.filter((rule) => asTexts(rule['resources']).includes('configmaps'));
    expect(maps).toHaveLength(1);
    expect(maps[0]).toMatchObject({ verbs: ['get'], resources: ['configmaps'] });
    expect(asTexts(maps[0]?.['resourceNames'])).toEqual(
      expect.arrayContaining(['istio', 'istio-canary', 'istio-sidecar-injector-canary', 'linkerd-config', 'coredns']),
    );
  });

  it('hold a Role for each namespace whose ConfigMaps are to be read', () => {
    expect(items.slice(1)).toMatchObject([
      { kind: 'Role', metadata: { namespace: 'shop' }, rules: [{ resources: ['configmaps'], verbs: ['list'] }] },
    ]);
    expect(rolesFor({ configMapNamespaces: [], revisions: [] }).items).toHaveLength(1);
  });

  it('are YAML that reads back as the same objects, with the commands that bind them above', async () => {
    const roles = rolesFor({ configMapNamespaces: ['shop'], revisions: [] });
    const yaml = await rolesAsYaml(roles);
    expect(yaml.split('---\n').map((text) => parseYaml(text))).toEqual(roles.items);
    for (const command of bindingCommands(roles)) expect(yaml).toContain(`#   ${command}`);
  });
});
