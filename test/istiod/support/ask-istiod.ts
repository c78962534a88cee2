import { run } from '../../cluster/support/run.ts';
import { asBoolean, asList, asText, asTexts, at, type JsonObject } from '../../../src/lib/json.ts';

/** One pod that calls another, through a Service or, where that is empty, by the pod's own address. */
export interface AskedCall {
  readonly client: { readonly namespace: string; readonly name: string };
  readonly server: { readonly namespace: string; readonly name: string };
  readonly service: string;
  readonly servicePort: number;
  readonly targetPort: number;
  readonly payload: 'http' | 'tcp' | 'tls';
  /** Whether the client waits for the server to say the first word. */
  readonly serverFirst: boolean;
  readonly method: string;
  readonly path: string;
}

/** Objects, the mesh's configuration, and the calls that are asked about. */
export interface AskedWorld {
  readonly objects: readonly JsonObject[];
  readonly meshConfig: JsonObject;
  readonly calls: readonly AskedCall[];
}

/** What istiod's configuration makes of a call; `lost` where the client's proxy does not send it on. */
export interface IstiodAnswer {
  readonly wire: string;
  readonly identity: string;
  readonly accepted: boolean;
  readonly allowed: boolean;
  readonly why: readonly string[];
}

/** The answers of istiod, one list a world, in the order of the calls. */
export async function askIstiod(
  judge: string,
  worlds: readonly AskedWorld[],
  { ambient }: { readonly ambient: boolean },
): Promise<readonly (readonly IstiodAnswer[])[]> {
  const { status, stdout, stderr } = await run(judge, [], {
    stdin: worlds.map((world) => `${JSON.stringify(world)}\n`).join(''),
    environment: { PILOT_ENABLE_AMBIENT: String(ambient) },
    timeoutSeconds: 240,
  });
  if (status !== 0) throw new Error(`the judge failed: ${stderr.slice(-3000)}`);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => asList(JSON.parse(line)).map(toAnswer));
}

function toAnswer(raw: unknown): IstiodAnswer {
  return {
    wire: asText(at(raw, 'wire')) ?? '',
    identity: asText(at(raw, 'identity')) ?? '',
    accepted: asBoolean(at(raw, 'accepted')) ?? false,
    allowed: asBoolean(at(raw, 'allowed')) ?? false,
    why: asTexts(at(raw, 'why')),
  };
}
