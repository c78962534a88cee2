import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { load } from 'js-yaml';
import { asObjects, asText, at, type JsonObject } from '../../src/lib/json.ts';

const DEMO = resolve(import.meta.dirname, '..', '..', 'templates', 'demo', 'cluster');

/** The demo cluster's Istio control plane, so that a synthetic cluster's labels mean what they say. */
export interface ControlPlane {
  readonly webhooks: readonly JsonObject[];
  readonly configMaps: readonly JsonObject[];
  readonly deployments: readonly JsonObject[];
  readonly namespaces: readonly JsonObject[];
}

/** Reads it from the demo cluster's files. */
export function demoControlPlane(): ControlPlane {
  const inSystem = (object: JsonObject): boolean => asText(at(object, 'metadata', 'namespace')) === 'istio-system';
  const isSystem = (object: JsonObject): boolean => asText(at(object, 'metadata', 'name')) === 'istio-system';
  return {
    webhooks: objectsIn('mutatingwebhookconfigurations'),
    configMaps: objectsIn('configmaps').filter(inSystem),
    deployments: objectsIn('deployments').filter(inSystem),
    namespaces: objectsIn('namespaces').filter(isSystem),
  };
}

function objectsIn(list: string): readonly JsonObject[] {
  return asObjects(at(load(readFileSync(resolve(DEMO, `${list}.yaml`), 'utf8')), 'items'));
}
