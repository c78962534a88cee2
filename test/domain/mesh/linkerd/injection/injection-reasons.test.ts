import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inheritedAnnotations, isInherited } from '../../../../../src/domain/mesh/linkerd/injection/inheritance.ts';
import {
  annotationReason,
  injectionReasons,
} from '../../../../../src/domain/mesh/linkerd/injection/injection-reasons.ts';
import { isNativeSidecar } from '../../../../../src/domain/mesh/linkerd/injection/pod-settings.ts';
import { known, unknown } from '../../../../../src/domain/world/fact.ts';

const value = fc.option(fc.constantFrom('enabled', 'disabled', 'ingress', '', 'true', 'Enabled'), { nil: undefined });

function annotated(text: string | undefined): Readonly<Record<string, string>> {
  return text === undefined ? {} : { 'linkerd.io/inject': text };
}

function reason(namespace: string | undefined, pod: string | undefined): string | undefined {
  return annotationReason({
    origin: 'webhook',
    namespaceAnnotations: annotated(namespace),
    pod: { annotations: annotated(pod) },
  });
}

describe('the annotation linkerd.io/inject', () => {
  it('lets a pod in only where it or its namespace asks, and never against an invalid value', () => {
    fc.assert(
      fc.property(value, value, (namespace, pod) => {
        const asks = [namespace, pod].some((text) => text === 'enabled' || text === 'ingress');
        const isInvalid = [namespace, pod].some((text) => text === 'true' || text === 'Enabled');
        if (reason(namespace, pod) === undefined) expect([asks, isInvalid]).toEqual([true, false]);
        if (!asks || isInvalid) expect(reason(namespace, pod)).toBeDefined();
      }),
    );
  });

  it('of a pod opts in against a disabled namespace, and out of an enabled one', () => {
    expect(reason('disabled', 'enabled')).toBeUndefined();
    expect(reason('enabled', 'disabled')).toBe('injection_disable_annotation_present');
    expect(reason(undefined, 'disabled')).toBe('injection_enable_annotation_absent');
  });

  it('says nothing of the namespace to the command line', () => {
    const pod = { annotations: annotated('disabled') };
    expect(annotationReason({ origin: 'cli', namespaceAnnotations: annotated('enabled'), pod })).toBe('');
  });
});

describe('reasons against injection', () => {
  it('come all and in the order of the injector', () => {
    const proxy = { name: 'linkerd-proxy', image: '' };
    const reasons = injectionReasons({
      origin: 'webhook',
      namespaceAnnotations: {},
      pod: { annotations: {}, hostNetwork: true, containers: [proxy], initContainers: [] },
      hasPodTemplate: false,
      lacksToken: true,
    });
    expect(reasons).toEqual([
      'host_network_enabled',
      'sidecar_already_exists',
      'unsupported_resource',
      'injection_enable_annotation_absent',
      'disabled_automount_service_account_token_account',
    ]);
  });
});

describe('annotations of a namespace', () => {
  const key = fc.constantFrom(
    'config.linkerd.io/skip-inbound-ports',
    'config.linkerd.io/opaque-ports',
    'config.linkerd.io/enable-gateway',
    'config.beta.linkerd.io/proxy-enable-native-sidecar',
    'config.alpha.linkerd.io/proxy-enable-native-sidecar',
    'linkerd.io/inject',
    'example.com/other',
  );
  const annotations = fc.dictionary(key, fc.string());

  it('come to a pod where it lacks the key, and never replace or merge', () => {
    fc.assert(
      fc.property(annotations, annotations, (namespace, pod) => {
        const made = inheritedAnnotations(namespace, pod);
        for (const [name, text] of Object.entries(pod)) expect(made[name]).toBe(text);
        for (const name of Object.keys(made)) {
          if (Object.hasOwn(pod, name)) continue;
          expect([isInherited(name), made[name]]).toEqual([true, namespace[name]]);
        }
      }),
    );
  });
});

describe('native sidecars', () => {
  const GA = 'config.linkerd.io/proxy-enable-native-sidecar';
  const BETA = 'config.beta.linkerd.io/proxy-enable-native-sidecar';

  it('go by the first annotation that is there, and by the chart where it is no truth value', () => {
    expect(isNativeSidecar({ [GA]: 'false', [BETA]: 'true' }, known(true))).toEqual(known(false));
    expect(isNativeSidecar({ [GA]: 'yes', [BETA]: 'true' }, known(false))).toEqual(known(false));
    expect(isNativeSidecar({}, unknown('unread')).known).toBe(false);
  });
});
