import { Args } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { CONTRACT_VERSION } from '../domain/world/result-head.ts';
import { usageError } from '../lib/errors.ts';
import { jsonText } from '../render/failure.ts';
import { SCHEMA_KINDS, schemaKindOf, schemaKinds, type SchemaKind } from '../schema/kinds.ts';

export default class Schema extends BaseCommand {
  static override summary = 'print the JSON Schema of what meshwise reads or writes; without KIND, list the kinds';
  static override examples = [
    { description: 'all kinds', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'the plan that a pipeline reads', command: '<%= config.bin %> <%= command.id %> RolloutPlan' },
    {
      description: 'completion and checks for meshwise.yaml in an editor',
      command: '<%= config.bin %> <%= command.id %> Config > meshwise.schema.json',
    },
  ];
  static override args = {
    kind: Args.string({ name: 'KIND', description: `one of ${schemaKinds().join(', ')}; in any case` }),
  };

  async run(): Promise<unknown> {
    const { args } = await this.parse(Schema);
    if (args.kind === undefined) return this.list();
    const kind = schemaKindOf(args.kind);
    if (kind === undefined) throw unknownKind(args.kind);
    return this.show(kind);
  }

  private list(): Promise<object> {
    const kinds = schemaKinds().map((kind) => ({ kind, describes: SCHEMA_KINDS[kind] }));
    const width = Math.max(...kinds.map(({ kind }) => kind.length));
    return this.print(
      { apiVersion: CONTRACT_VERSION, kind: 'SchemaList', kinds },
      {
        text: () => kinds.map(({ kind, describes }) => `${kind.padEnd(width)}  ${describes}`).join('\n'),
        markdown: () => kinds.map(({ kind, describes }) => `- \`${kind}\`: ${describes}`).join('\n'),
      },
    );
  }

  private async show(kind: SchemaKind): Promise<object> {
    const { jsonSchemaOf } = await import('../schema/json-schema.ts');
    const schema = jsonSchemaOf(kind);
    return this.print(schema, {
      text: () => jsonText(schema),
      markdown: () => `\`\`\`json\n${jsonText(schema)}\`\`\``,
    });
  }
}

function unknownKind(name: string): Error {
  return usageError(
    'unknown-kind',
    `there is no schema of the kind ${name.slice(0, 60)}`,
    `write one of: ${schemaKinds().join(', ')}`,
  );
}
