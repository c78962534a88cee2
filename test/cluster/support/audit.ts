import { asText, at, type JsonObject } from '../../../src/lib/json.ts';
import type { TestServer } from './test-server.ts';

/** The users that are not the program: the harness, and the API server itself. */
const OTHERS = ['test-admin', 'system:apiserver'];
const READING = ['get', 'list', 'watch'];

/** What the program asked of an API server in all of its runs so far, by whatever user, also without any. */
export function requestsOfProgram(server: TestServer): readonly JsonObject[] {
  return server.auditEvents().filter((event) => !OTHERS.includes(asText(at(event, 'user', 'username')) ?? ''));
}

/** How many of the requests were answered with a list of pods: without any, the log shows nothing. */
export function podLists(requests: readonly JsonObject[]): number {
  return requests.filter((event) => {
    return event['verb'] === 'list' && resourceOf(event) === 'pods' && at(event, 'responseStatus', 'code') === 200;
  }).length;
}

/** The requests that do more than read, that are about Secrets, or that ask for ConfigMaps by anything but a name. */
export function trespasses(requests: readonly JsonObject[]): readonly string[] {
  const wrong = requests.filter((event) => {
    const uri = asText(event['requestURI']) ?? '';
    const reads = READING.includes(asText(event['verb']) ?? '');
    const secret = resourceOf(event) === 'secrets' || uri.includes('secrets');
    return !reads || secret || (resourceOf(event) === 'configmaps' && event['verb'] !== 'get');
  });
  return wrong.map((event) => `${asText(event['verb']) ?? ''} ${asText(event['requestURI']) ?? ''}`);
}

function resourceOf(event: JsonObject): string | undefined {
  return asText(at(event, 'objectRef', 'resource'));
}
