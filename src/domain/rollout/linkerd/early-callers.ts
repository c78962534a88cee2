import { formatWorkload, type Workload } from '../../world/workload.ts';
import { findWorkload } from '../../world/workloads-of.ts';
import { isAccepted } from '../accepted-traps.ts';
import type { Planning } from '../planning.ts';
import type { ServerUnit } from './server-units.ts';

const PROXY_AWAIT = 'config.linkerd.io/proxy-await';

/** Whether it does not wait for its proxy: without that the application runs before the proxy has its certificate. */
export function startsEarly({ template, kind }: Workload): boolean {
  return template.annotations[PROXY_AWAIT] === 'disabled' && kind !== 'Pod';
}

/**
 * Callers of a unit whose first calls may come in plaintext, because they do not wait for their proxy, each as what the
 * port waits for; those that somebody accepts are left away.
 * Source: https://github.com/linkerd/linkerd2/issues/13865.
 */
export function earlyCallers({ index, world, input }: Planning, { workloads, ports }: ServerUnit): readonly string[] {
  const servers = new Set(workloads.map(formatWorkload));
  return [...servers]
    .flatMap((server) => index.byWorkload.get(server) ?? [])
    .filter(({ id }) =>
      (index.servers.get(id) ?? []).some(
        ({ workload, port }) => servers.has(formatWorkload(workload)) && ports.includes(port),
      ),
    )
    .flatMap(({ from }) => {
      const client = from.kind === 'workload' ? findWorkload(world, from.workload) : undefined;
      if (client === undefined || !startsEarly(client)) return [];
      const name = formatWorkload(client);
      if (isAccepted(input, { id: 'P30', where: name })) return [];
      return [
        `${name}: plaintext (start): it does not wait for its proxy (${PROXY_AWAIT}: disabled), so its first calls may come before there is a certificate`,
      ];
    });
}
