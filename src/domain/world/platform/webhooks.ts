import { asNumber, asObjects, asText, asTexts, at, type JsonObject } from '../../../lib/json.ts';
import { sortedUnique } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { isEmptySelector, parseLabelSelector } from '../../kubernetes/label-selector.ts';
import { known, unknown, type Fact } from '../fact.ts';
import { readService, selectsLabels } from '../service.ts';
import { workloadRef, type WorkloadRef } from '../workload.ts';
import { workloadsIn } from '../workloads-of.ts';
import type { World } from '../world.ts';
import { rowsOf } from './found.ts';

/** One webhook that the API server asks before it stores an object. */
export interface Webhook {
  /** Name of the configuration that it stands in. */
  readonly configuration: string;
  readonly name: string;
  /** What happens to the object where the webhook does not answer. */
  readonly failurePolicy: string;
  readonly timeoutSeconds: number;
  readonly operations: readonly string[];
  /** What it is asked about, as `pods`, `apps/deployments`, `*`. */
  readonly resources: readonly string[];
  /** Whether it is asked about every namespace and every object of these. */
  readonly everyNamespace: boolean;
  readonly everyObject: boolean;
  readonly server: WebhookServer;
}

/** Who answers. */
export type WebhookServer =
  | {
      readonly at: 'service';
      readonly namespace: string;
      readonly name: string;
      /** Workloads behind the Service. */
      readonly workloads: Fact<readonly WorkloadRef[]>;
    }
  | { readonly at: 'url'; readonly host: string }
  | { readonly at: 'unknown' };

/** The admission webhooks of the cluster, in the order of their configurations' names. */
export interface Webhooks {
  readonly mutating: Fact<readonly Webhook[]>;
  readonly validating: Fact<readonly Webhook[]>;
}

/**
 * All admission webhooks. What is not written is as the API server sets it (`Fail`, 10 seconds).
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/.
 */
export function webhooksOf(world: World): Webhooks {
  const read = (kind: string): Fact<readonly Webhook[]> => {
    const rows = rowsOf(world, kind, (object) => webhooksIn(world, object));
    return rows.known ? known(rows.value.flat()) : rows;
  };
  return { mutating: read(KIND.mutatingWebhook), validating: read(KIND.validatingWebhook) };
}

function webhooksIn(world: World, configuration: KubeObject): readonly Webhook[] {
  return asObjects(configuration['webhooks']).map((raw) => {
    const rules = asObjects(raw['rules']);
    return {
      configuration: configuration.metadata.name,
      name: asText(raw['name']) ?? '',
      failurePolicy: asText(raw['failurePolicy']) ?? 'Fail',
      timeoutSeconds: asNumber(raw['timeoutSeconds']) ?? 10,
      operations: sortedUnique(rules.flatMap((rule) => asTexts(rule['operations']))),
      resources: sortedUnique(rules.flatMap(resourcesIn)),
      everyNamespace: isEmptySelector(parseLabelSelector(raw['namespaceSelector'] ?? {})),
      everyObject:
        isEmptySelector(parseLabelSelector(raw['objectSelector'] ?? {})) &&
        asObjects(raw['matchConditions']).length === 0,
      server: serverOf(world, raw),
    };
  });
}

function resourcesIn(rule: JsonObject): readonly string[] {
  const groups = asTexts(rule['apiGroups']);
  return groups.flatMap((group) =>
    asTexts(rule['resources']).map((resource) => (group === '' ? resource : `${group}/${resource}`)),
  );
}

function serverOf(world: World, webhook: JsonObject): WebhookServer {
  const service = at(webhook, 'clientConfig', 'service');
  const [namespace, name] = [asText(at(service, 'namespace')), asText(at(service, 'name'))];
  if (namespace !== undefined && name !== undefined) {
    return { at: 'service', namespace, name, workloads: workloadsBehind(world, namespace, name) };
  }
  const host = /^https:\/\/([^/?#@]+)/.exec(asText(at(webhook, 'clientConfig', 'url')) ?? '')?.[1];
  return host === undefined ? { at: 'unknown' } : { at: 'url', host };
}

function workloadsBehind(world: World, namespace: string, name: string): Fact<readonly WorkloadRef[]> {
  const object = world.get({ kind: KIND.service, namespace, name });
  if (object === undefined) {
    const gap = world.listIn(KIND.service, namespace).gap;
    return gap === undefined ? known([]) : unknown(gap);
  }
  const service = readService(object);
  const behind = workloadsIn(world, namespace).filter(({ template }) => selectsLabels(service, template.labels));
  const gap = world.listIn(KIND.deployment, namespace).gap ?? world.listIn(KIND.pod, namespace).gap;
  return behind.length === 0 && gap !== undefined ? unknown(gap) : known(behind.map(workloadRef));
}
