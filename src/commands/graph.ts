import { Flags } from '@oclif/core';
import { drawGraph, isTangle } from '../app/draw-graph.ts';
import { scopeOf } from '../app/inventory-filters.ts';
import { graphDocument } from '../render/graph/document.ts';
import { outputFlag } from '../base-command.ts';
import { WorldCommand } from '../world-command.ts';
import { scopeFlags, selectorFlag } from '../world-flags.ts';

export default class Graph extends WorldCommand {
  static override summary = 'draw who calls whom by namespace: how each call is known, and what is on the wire';
  static override description =
    'Lines are solid for calls that were observed, dashed for those that objects declare, and dotted for those that ' +
    'configuration only hints at. Text and markdown list the calls; mermaid, dot and svg draw them.';
  static override examples = [
    {
      description: 'the demo cluster as a picture',
      command: '<%= config.bin %> <%= command.id %> --demo -o svg > calls.svg',
    },
    {
      description: 'for a page of a wiki',
      command: '<%= config.bin %> <%= command.id %> --demo -n shop-pay -o mermaid',
    },
    {
      description: 'a big cluster, by namespace',
      command: '<%= config.bin %> <%= command.id %> --context prod --by namespace -o dot',
    },
  ];
  static override flags = {
    ...scopeFlags,
    selector: selectorFlag,
    by: Flags.option({
      summary: 'what the nodes are',
      options: ['workload', 'namespace'] as const,
      default: 'workload' as const,
    })(),
    probes: Flags.boolean({ summary: 'draw the calls of kubelets too' }),
    output: outputFlag('mermaid', 'dot', 'svg'),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Graph);
    const { namespace: namespaces, 'all-namespaces': allNamespaces, selector } = flags;
    const scope = scopeOf({ namespaces, allNamespaces, selector });
    const drawing = drawGraph(await this.open(flags), { by: flags.by, probes: flags.probes, scope });
    const isPicture = flags.output === 'mermaid' || flags.output === 'dot' || flags.output === 'svg';
    if (isPicture && isTangle(drawing)) {
      const size = `${String(drawing.nodes.length)} nodes and ${String(drawing.edges.length)} lines`;
      this.warn(`the picture has ${size}: --by namespace, -n or -l make one that can be read`);
    }
    return this.print(drawing, {
      text: async () =>
        (await import('../render/text/document.ts')).renderDocument(graphDocument(drawing), this.terminal),
      markdown: async () =>
        (await import('../render/markdown/document.ts')).renderDocumentMarkdown(graphDocument(drawing)),
      mermaid: async () => (await import('../render/graph/mermaid.ts')).renderMermaid(drawing),
      dot: async () => (await import('../render/graph/dot.ts')).renderDot(drawing),
      svg: async () => (await import('../render/graph/svg.ts')).renderSvg(drawing),
    });
  }
}
