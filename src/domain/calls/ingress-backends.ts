import { asNumber, asObject, asObjects, asText, at } from '../../lib/json.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import type { Backend } from './backend-targets.ts';

/** A Service that an Ingress sends to, and which requests: `shop.example, path /pay`. */
export interface IngressBackend {
  readonly backend: Backend;
  readonly detail: string;
}

/** The Services that an Ingress names, the default one last; resources that are no Services are left out. */
export function ingressBackends(ingress: KubeObject): readonly IngressBackend[] {
  const rules = asObjects(at(ingress.spec, 'rules')).flatMap((rule) => {
    const host = asText(rule['host']) ?? 'any host';
    return asObjects(at(rule, 'http', 'paths')).flatMap((path) =>
      readBackend(ingress, path['backend'], `${host}, path ${asText(path['path']) ?? '/'}`),
    );
  });
  return [...rules, ...readBackend(ingress, at(ingress.spec, 'defaultBackend'), 'default backend')];
}

function readBackend({ metadata }: KubeObject, raw: unknown, detail: string): readonly IngressBackend[] {
  const service = asObject(at(raw, 'service'));
  const name = asText(service?.['name']);
  if (name === undefined) return [];
  const port = asNumber(at(service, 'port', 'number')) ?? asText(at(service, 'port', 'name'));
  return [{ backend: { namespace: metadata.namespace ?? '', service: name, port }, detail }];
}
