import { askIstiod, type AskedCall } from './ask-istiod.ts';
import { askMeshwise, worldOf } from './ask-meshwise.ts';
import { compare, type Compared } from './compare.ts';
import type { PortDraft, WorldDraft } from './draft.ts';
import { manifestsOf, podsOf, servicesOf, type PodOfDraft, type ServiceOfDraft } from './manifests.ts';
import { meshConfigOf } from './policy-manifests.ts';

/** One question about one call, with what both said. */
export interface Opinion extends Compared {
  /** World, call and what istiod's answer rests on. */
  readonly about: string;
}

interface Asked {
  readonly call: AskedCall;
  readonly client: PodOfDraft;
  readonly server: PodOfDraft;
}

/** Asks istiod and meshwise about every call between two pods of each world: one list of opinions for each call. */
export async function opinionsOf(
  judge: string,
  drafts: readonly WorldDraft[],
  { ambient }: { readonly ambient: boolean },
): Promise<readonly (readonly Opinion[])[]> {
  const worlds = drafts.map((draft) => ({
    objects: manifestsOf(draft),
    meshConfig: meshConfigOf(draft),
    asked: questions(draft),
  }));
  const answers = await askIstiod(
    judge,
    worlds.map(({ asked, ...world }) => ({ ...world, calls: asked.map(({ call }) => call) })),
    { ambient },
  );
  return worlds.flatMap(({ objects, meshConfig, asked }, index) => {
    const world = worldOf(objects, meshConfig, ambient);
    return asked.map((ends, number) => {
      const theirs = answers[index]?.[number];
      if (theirs === undefined) throw new Error('istiod gave fewer answers than it was asked for');
      const about = `world ${String(index)}, ${JSON.stringify(ends.call)}: ${theirs.why.join('; ')}`;
      return compare(askMeshwise(ends.call, ends, world), theirs).map((one) => ({ ...one, about }));
    });
  });
}

function questions(draft: WorldDraft): readonly Asked[] {
  const pods = podsOf(draft);
  return pods.flatMap((client) =>
    pods
      .filter(({ workload }) => workload !== client.workload)
      .flatMap((server) =>
        servicesOf(server.workload).flatMap((service) =>
          service.ports.flatMap((port) => callsTo({ client, server }, service, port)),
        ),
      ),
  );
}

function callsTo({ client, server }: Omit<Asked, 'call'>, service: ServiceOfDraft, port: PortDraft): Asked[] {
  const payload = speaks(port);
  const request = payload === 'http' ? requestTo(client, server) : { method: '', path: '' };
  const common = {
    client: nameOf(client),
    server: nameOf(server),
    targetPort: port.targetPort,
    payload,
    serverFirst: port.name === 'mysql',
    ...request,
  };
  const throughService = { ...common, service: service.name, servicePort: port.port };
  const direct = { ...common, service: '', servicePort: 0 };
  return [
    throughService,
    ...(server.address.endsWith('.1') && client.address.startsWith('10.0.0.') ? [direct] : []),
  ].map((call) => ({ call, client, server }));
}

function nameOf({ workload: { namespace }, name }: PodOfDraft): AskedCall['client'] {
  return { namespace, name };
}

/** What the port's name or its appProtocol says; HTTP where neither does. */
function speaks({ name, appProtocol }: PortDraft): AskedCall['payload'] {
  const word = appProtocol ?? name?.split('-')[0] ?? '';
  if (word === 'tcp' || word === 'mysql') return 'tcp';
  return word === 'https' || word === 'tls' ? 'tls' : 'http';
}

const PATHS = ['/', '/api', '/api/v1/items', '/index.html'] as const;

/** Different ends ask different things, and the same ends always the same. */
function requestTo(client: PodOfDraft, server: PodOfDraft): Pick<AskedCall, 'method' | 'path'> {
  const drawn = [...`${client.address}${server.address}`].reduce((sum, char) => sum + char.charCodeAt(0), 0);
  return { method: drawn % 3 === 0 ? 'POST' : 'GET', path: PATHS[drawn % PATHS.length] ?? '/' };
}
