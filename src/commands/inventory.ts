import { Args, Flags } from '@oclif/core';
import { listed, MESH_CHOICES, scopeOf } from '../app/inventory-filters.ts';
import { rolesFor } from '../app/print-rbac.ts';
import { takeInventory } from '../app/take-inventory.ts';
import { tellWorkload } from '../app/tell-workload.ts';
import { outputFlag } from '../base-command.ts';
import { ENROLMENT_STATES } from '../domain/inventory/enrolment-state.ts';
import { MTLS_MODES } from '../domain/inventory/port-rows.ts';
import { usageError, type AppError } from '../lib/errors.ts';
import { rolesAsYaml } from '../wiring-rbac.ts';
import { WorldCommand } from '../world-command.ts';
import { scopeFlags, selectorFlag } from '../world-flags.ts';

const choice = { multiple: true, multipleNonGreedy: true, delimiter: ',', helpGroup: 'SCOPE' } as const;

function rolesOfNothing(workload: string): AppError {
  return usageError(
    'workload-with-rbac',
    `--rbac reads nothing, so there is no workload ${workload.slice(0, 100)} to tell of`,
    'leave out one of the two',
  );
}

export default class Inventory extends WorldCommand {
  static override summary =
    'list every workload: whether it is in a mesh and why, its mTLS mode by port, who may call it; with WORKLOAD, tell all of one';
  static override examples = [
    { description: 'the demo cluster', command: '<%= config.bin %> <%= command.id %> --demo' },
    { description: 'manifests in a folder', command: '<%= config.bin %> <%= command.id %> -f manifests/' },
    {
      description: 'one workload, with the objects that decide',
      command: '<%= config.bin %> <%= command.id %> shop-parcel/deploy/shipping --demo',
    },
    {
      description: 'what looks meshed and is not, or will not stay so',
      command: '<%= config.bin %> <%= command.id %> --context prod --state uncaptured,leaving,partial',
    },
    {
      description: 'the role that lets a ServiceAccount read a cluster',
      command: '<%= config.bin %> <%= command.id %> --rbac',
    },
    {
      description: 'keep a snapshot',
      command: '<%= config.bin %> <%= command.id %> --context prod --save prod.jsonl.gz',
    },
  ];
  static override args = {
    workload: Args.string({ name: 'WORKLOAD', description: "[NAMESPACE/][KIND/]NAME, with kubectl's short kinds" }),
  };
  static override flags = {
    ...scopeFlags,
    selector: selectorFlag,
    mesh: Flags.string({ ...choice, summary: `of these meshes only: ${MESH_CHOICES.join(', ')}` }),
    mode: Flags.string({
      ...choice,
      summary: `with a port in these mTLS modes: ${[...MTLS_MODES].reverse().join(', ')}`,
    }),
    state: Flags.string({ ...choice, summary: `in these states: ${ENROLMENT_STATES.join(', ')}` }),
    rbac: Flags.boolean({
      summary: 'print the ClusterRole that reading a cluster needs, and read nothing',
      exclusive: [
        ...['filename', 'demo', 'save', 'context', 'overlay', 'calls', 'at'],
        ...['namespace', 'all-namespaces', 'selector', 'mesh', 'mode', 'state'],
      ],
    }),
    revision: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      dependsOn: ['rbac'],
      summary: 'with --rbac: a revision of Istio beside the default one; repeatable',
    }),
    output: outputFlag('wide'),
  };

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(Inventory);
    if (flags.rbac) {
      if (args.workload !== undefined) throw rolesOfNothing(args.workload);
      return this.printRoles(flags);
    }
    if (args.workload !== undefined) {
      return this.tell(args.workload, flags['all-namespaces'] ? [] : listed(flags.namespace));
    }
    const scope = scopeOf({
      namespaces: flags.namespace,
      allNamespaces: flags['all-namespaces'],
      selector: flags.selector,
      meshes: flags.mesh,
      modes: flags.mode,
      states: flags.state,
    });
    const result = takeInventory(await this.open(flags), scope);
    const { renderInventory } = await import('../render/text/inventory.ts');
    const { renderInventoryMarkdown } = await import('../render/markdown/inventory.ts');
    return this.print(result, {
      text: () => renderInventory(result, { ...this.terminal, wide: false }),
      wide: () => renderInventory(result, { ...this.terminal, wide: true }),
      markdown: () => renderInventoryMarkdown(result),
    });
  }

  private async printRoles(flags: {
    readonly revision?: readonly string[] | undefined;
    readonly 'read-configmaps'?: readonly string[] | undefined;
  }): Promise<unknown> {
    const configMapNamespaces = listed(flags['read-configmaps']);
    const roles = rolesFor({ configMapNamespaces, revisions: listed(flags.revision) });
    const yaml = await rolesAsYaml(roles);
    return this.print(roles, {
      text: () => yaml,
      wide: () => yaml,
      markdown: () => ['```yaml', yaml.trimEnd(), '```', ''].join('\n'),
    });
  }

  private async tell(name: string, namespaces: readonly string[]): Promise<unknown> {
    const { flags } = await this.parse(Inventory);
    const story = tellWorkload(await this.open(flags), name, namespaces);
    const { storyDocument } = await import('../render/story-document.ts');
    const { renderDocument } = await import('../render/text/document.ts');
    const { renderDocumentMarkdown } = await import('../render/markdown/document.ts');
    return this.print(story, {
      text: () => renderDocument(storyDocument(story, { wide: false }), this.terminal),
      wide: () => renderDocument(storyDocument(story, { wide: true }), this.terminal),
      markdown: () => renderDocumentMarkdown(storyDocument(story, { wide: true })),
    });
  }
}
