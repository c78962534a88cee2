import { outputFlag } from '../base-command.ts';
import { takeInventory } from '../app/take-inventory.ts';
import { WorldCommand } from '../world-command.ts';
import { scopeFlags } from '../world-flags.ts';

export default class Inventory extends WorldCommand {
  static override summary =
    'list every workload: whether it is in a mesh and why, its mTLS mode by port, who may call it';
  static override examples = [
    { description: 'the demo cluster', command: '<%= config.bin %> <%= command.id %> --demo' },
    { description: 'manifests in a folder', command: '<%= config.bin %> <%= command.id %> -f manifests/' },
    {
      description: 'one namespace of a live cluster',
      command: '<%= config.bin %> <%= command.id %> --context prod -n shop',
    },
    {
      description: 'keep a snapshot',
      command: '<%= config.bin %> <%= command.id %> --context prod --save prod.jsonl.gz',
    },
  ];
  static override flags = { ...scopeFlags, output: outputFlag('wide') };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Inventory);
    const opened = await this.open(flags);
    const result = takeInventory(opened, { namespaces: flags.namespace ?? [] });
    const { renderInventory } = await import('../render/text/inventory.ts');
    const { renderInventoryMarkdown } = await import('../render/markdown/inventory.ts');
    return this.print(result, {
      text: () => renderInventory(result, { ...this.terminal, wide: false }),
      wide: () => renderInventory(result, { ...this.terminal, wide: true }),
      markdown: () => renderInventoryMarkdown(result),
    });
  }
}
