import { asObjects, asText, type JsonObject } from '../../../src/lib/json.ts';
import { run } from '../support/run.ts';
import type { Player } from './stage-player.ts';

/** What `istioctl analyze` calls an error in the cluster as it is now: code, object and message. */
export async function errorsOfIstioctl(player: Player, istioctl: string): Promise<readonly string[]> {
  return (await messagesOfIstioctl(player, istioctl))
    .filter((message) => asText(message['level']) === 'Error')
    .map((message) => ['code', 'origin', 'message'].map((field) => asText(message[field]) ?? '').join(' '))
    .sort();
}

/** All that `istioctl analyze` says of the cluster as it is now. */
export async function messagesOfIstioctl({ cluster }: Player, istioctl: string): Promise<readonly JsonObject[]> {
  const flags = ['--all-namespaces', '--kubeconfig', cluster.kubeconfig, '--output', 'json'];
  const ended = await run(istioctl, ['analyze', ...flags], { timeoutSeconds: 120 });
  // It ends with 79 where it has something to say, and writes words instead of a list where it has not.
  if (ended.status !== 0 && ended.status !== 79) throw new Error(`istioctl analyze: ${ended.stderr.slice(0, 1000)}`);
  return messagesIn(ended.stdout);
}

function messagesIn(text: string): readonly JsonObject[] {
  const begin = text.indexOf('[');
  if (begin < 0) return [];
  return asObjects(JSON.parse(text.slice(begin)));
}
