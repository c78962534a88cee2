import type { Enrolment } from '../mesh.ts';
import { inject, leave, undecided, type InjectionQuestion } from '../recognised/enrolment.ts';
import { injectorSettings, parseBool, type InjectorSettings } from './injector.ts';

const INJECT = 'consul.hashicorp.com/connect-inject';
const STATUS = 'consul.hashicorp.com/connect-inject-status';

/**
 * Which pods Consul's injector takes: never those of Kubernetes' own namespaces nor of denied ones, none that is marked
 * as injected, then as the pod's annotation says, else as the injector's flag.
 * Source: consul-k8s control-plane/connect-inject/webhook/mesh_webhook.go#shouldInject.
 */
export function consulInjection(question: InjectionQuestion): Enrolment {
  const { namespace, pod, world } = question;
  if (namespace.name === 'kube-system' || namespace.name === 'kube-public') {
    return leave(`Consul injects nothing in ${namespace.name}`);
  }
  const field = (key: string): string => `pod metadata.annotations["${key}"]`;
  if (pod.annotations[STATUS] !== undefined) {
    return leave('the pod is marked as injected', {
      field: field(STATUS),
      value: pod.annotations[STATUS],
      rule: 'the injector leaves such pods alone',
    });
  }
  const written = pod.annotations[INJECT];
  const asked = parseBool(written);
  const evidence = { field: field(INJECT), value: written ?? '', rule: 'the pod says so' };
  if (asked === false) return leave(`${INJECT} is ${written ?? ''}`, evidence);
  if (written !== undefined && asked === undefined)
    return undecided(`${INJECT} is ${written}, so Consul refuses the pod`, evidence);
  const settings = injectorSettings(world);
  if (!settings.known) return undecided(settings.reason);
  const barred = whyBarred(settings.value, namespace.name);
  if (barred !== undefined) return barred;
  if (asked === true) return inject(`${INJECT} is ${written ?? ''}`, evidence);
  return byDefault(settings.value);
}

function whyBarred({ allow, deny }: InjectorSettings, namespace: string): Enrolment | undefined {
  if (deny.includes(namespace) || deny.includes('*')) return leave(`the injector denies namespace ${namespace}`);
  if (allow.length === 0) return undecided('which namespaces the injector allows was not read');
  return allow.includes('*') || allow.includes(namespace)
    ? undefined
    : leave(`the injector does not allow namespace ${namespace}`);
}

function byDefault({ defaultInject }: InjectorSettings): Enrolment {
  const evidence = { field: '-default-inject', value: String(defaultInject ?? ''), rule: "flag of Consul's injector" };
  if (defaultInject === undefined) return undecided('whether Consul injects by default was not read');
  return defaultInject
    ? inject('Consul injects every pod that does not say otherwise', evidence)
    : leave('Consul injects only pods that ask for it', evidence);
}
