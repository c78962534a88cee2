import type { Target } from '../plan.ts';

/** One picture of a dashboard: what it shows, over which queries, in which unit of Grafana. */
export interface Panel {
  readonly title: string;
  /** What a reader should make of it. */
  readonly description: string;
  readonly unit: 'reqps' | 'percentunit' | 'ms' | 'short' | 's' | 'bytes';
  readonly queries: readonly { readonly expr: string; readonly legend: string }[];
}

/** The pictures of a target, and the label by which its namespaces are chosen in them. */
export interface Board {
  readonly target: Target;
  /** A query of Grafana that lists the namespaces. */
  readonly namespaces: string;
  readonly panels: readonly Panel[];
}

/** Matches the namespaces that the reader has chosen, as a value of a matcher with `=~`. */
export const CHOSEN = '"$namespace"';

/** Name of the file that Grafana imports. */
export const DASHBOARD_FILE = 'meshwise-dashboard.json';

/** How the file gets into Grafana. */
export const DASHBOARD_NOTE = `${DASHBOARD_FILE} is a dashboard over what the gates and alerts read: import it in Grafana, or give it to the dashboards' sidecar of Grafana's chart as a ConfigMap that carries its label (grafana_dashboard, unless the chart was told otherwise).`;

const COLUMNS = 2;
const WIDTH = 24 / COLUMNS;
const HEIGHT = 8;
const SOURCE = { type: 'prometheus', uid: '$datasource' };

/**
 * The board as a file of Grafana's classic model, which versions 9 to 13 import; the source of data is chosen there.
 * Source: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/.
 */
export function dashboardOf({ target, namespaces, panels }: Board): Readonly<Record<string, unknown>> {
  return {
    uid: `meshwise-${target}`,
    title: `Mesh rollout: ${target}`,
    tags: ['meshwise'],
    timezone: 'utc',
    editable: true,
    schemaVersion: 36,
    refresh: '1m',
    time: { from: 'now-24h', to: 'now' },
    templating: { list: [sourceChoice(), namespaceChoice(namespaces)] },
    panels: panels.map(drawn),
  };
}

function sourceChoice(): unknown {
  return { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' };
}

function namespaceChoice(query: string): unknown {
  return {
    name: 'namespace',
    label: 'Namespace',
    type: 'query',
    datasource: SOURCE,
    query: { query, refId: 'namespaces' },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: 'All', value: '$__all' },
  };
}

function drawn({ title, description, unit, queries }: Panel, index: number): unknown {
  return {
    id: index + 1,
    type: 'timeseries',
    title,
    description,
    datasource: SOURCE,
    gridPos: { x: (index % COLUMNS) * WIDTH, y: Math.floor(index / COLUMNS) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: { unit, min: 0, custom: { fillOpacity: 10 } }, overrides: [] },
    options: { legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'] } },
    targets: queries.map(({ expr, legend }, at) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + at),
      datasource: SOURCE,
      expr,
      legendFormat: legend,
    })),
  };
}
