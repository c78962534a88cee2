import { asText, asTexts, at } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject } from '../kubernetes/object.ts';
import type { World } from '../world/world.ts';
import type { Call, CallEvidence, CallSource, CallTarget } from './call.ts';
import { foundNothing, fromWorkload, joinFound, stateCall, type FoundCalls } from './found-calls.ts';
import { hostTarget } from './host-target.ts';
import { serversOf } from './resolve-target.ts';
import { scrapersOf } from './scraped-by.ts';
import { hostOfUrl } from './url-parts.ts';

/**
 * The calls that the operator's Probe objects ask for: Prometheus asks the prober, and the prober asks each target. Those
 * that are taken from Ingresses are not followed.
 * Source: https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.Probe.
 */
export function declaredProbeObjects(world: World): FoundCalls {
  return joinFound(world.list(KIND.blackboxProbe).objects.map((probe) => fromProbe(world, probe)));
}

function fromProbe(world: World, probe: KubeObject): FoundCalls {
  const source = formatRef(refOf(probe));
  const prober = asText(at(probe.spec, 'prober', 'url')) ?? '';
  const path = asText(at(probe.spec, 'prober', 'path')) ?? '/probe';
  const scheme = asText(at(probe.spec, 'prober', 'scheme'));
  const address = scheme === undefined || prober.includes('://') ? prober : `${scheme}://${prober}`;
  const evidence: CallEvidence = { kind: 'declared', source, detail: `prober ${hostOfUrl(prober, '')?.host ?? ''}` };
  const toProber = callsTo(world, probe, {
    url: address,
    senders: scrapersOf(world),
    evidence,
    request: { method: 'GET', path },
  });
  const probers = toProber.calls.flatMap(({ to }) => serversOf({ to }, world).servers.map(({ workload }) => workload));
  const senders = probers.map(fromWorkload);
  const targets = asTexts(at(probe.spec, 'targets', 'staticConfig', 'static'));
  const onward = targets.map((url) =>
    callsTo(world, probe, { url, senders, evidence: { ...evidence, detail: 'target of the prober' } }),
  );
  const unfollowed =
    at(probe.spec, 'targets', 'ingress') === undefined
      ? []
      : [foundNothing(source, 'its targets are Ingresses, whose hosts the prober asks from outside')];
  return joinFound([toProber, ...onward, ...unfollowed]);
}

interface Asked {
  readonly url: string;
  readonly senders: readonly CallSource[];
  readonly evidence: CallEvidence;
  readonly request?: Call['request'];
}

function callsTo(world: World, probe: KubeObject, { url, senders, evidence, request }: Asked): FoundCalls {
  const token = hostOfUrl(url, 'url');
  if (token === undefined) return foundNothing(evidence.source, 'an address of it cannot be read');
  const { targets, protocol, reason } = hostTarget(world, token, probe.metadata.namespace ?? '');
  const state = (from: CallSource, to: CallTarget): Call => stateCall({ from, to, protocol, request, evidence });
  const calls = targets.flatMap((to) => senders.map((from) => state(from, to)));
  return {
    calls,
    unresolved: reason === undefined ? [] : [{ source: evidence.source, reason: `${token.host}: ${reason}` }],
  };
}
