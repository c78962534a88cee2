import { load, loadAll } from 'js-yaml';
import { asObjects } from '../../../src/lib/json.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { admit } from '../../../src/domain/world/admit.ts';
import { unknown } from '../../../src/domain/world/fact.ts';
import { makeWorld } from '../../../src/domain/world/object-world.ts';
import type { World } from '../../../src/domain/world/world.ts';

/** A declared world of the documents in the text. */
export function worldOf(yaml: string): World {
  const objects = asObjects(loadAll(yaml)).flatMap((raw): KubeObject[] => {
    const admitted = admit(raw, { from: 'read' }, (text) => load(text));
    return 'object' in admitted ? [admitted.object] : [];
  });
  const none = unknown('not given');
  const coverage = { basis: 'declared', entries: [] } as const;
  return makeWorld({ coverage, cluster: 'test', asOf: none, kubernetesVersion: none }, objects);
}

/** A workload with one container; `container` and `pod` are YAML flow members that are added to them. */
export function workload(path: string, container = '', pod = ''): string {
  const [namespace = '', kind = '', name = ''] = path.split('/');
  const labels = `labels: {app: ${name}}`;
  const spec = `{${pod === '' ? '' : `${pod}, `}containers: [{name: app, image: app:1${container === '' ? '' : `, ${container}`}}]}`;
  const template = `template: {metadata: {${labels}}, spec: ${spec}}`;
  const body = kind === 'CronJob' ? `schedule: "0 3 * * 0", jobTemplate: {spec: {${template}}}` : template;
  const group = kind === 'CronJob' || kind === 'Job' ? 'batch' : 'apps';
  return `---\n{apiVersion: ${group}/v1, kind: ${kind}, metadata: {name: ${name}, namespace: ${namespace}}, spec: {${body}}}\n`;
}

/** A Service that selects the workload of its name; `ports` and `more` are YAML flow members. */
export function service(path: string, ports: string, more = ''): string {
  const [namespace = '', name = ''] = path.split('/');
  const extra = more === '' ? '' : `, ${more}`;
  return `---\n{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: ${namespace}, labels: {app: ${name}}}, spec: {selector: {app: ${name}}, ports: [${ports}]${extra}}}\n`;
}
