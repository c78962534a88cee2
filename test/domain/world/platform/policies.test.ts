import { describe, expect, it } from 'vitest';
import { disruptionBudgetsOf } from '../../../../src/domain/world/platform/disruption-budgets.ts';
import { podSecurityOf } from '../../../../src/domain/world/platform/pod-security.ts';
import { limitRangesOf, quotasOf } from '../../../../src/domain/world/platform/quotas.ts';
import { namespace, worldFrom } from '../../../support/build-world.ts';
import { definition, object } from './platform-world.ts';

describe('quotasOf and limitRangesOf', () => {
  it('say what is left and what every container must say', () => {
    const quota = object('v1', 'ResourceQuota', {
      spec: {
        hard: { 'requests.cpu': '4', 'limits.memory': '8Gi', pods: 10 },
        scopeSelector: {
          matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['system-node-critical'] }],
        },
      },
      status: { hard: { 'requests.cpu': '4' }, used: { 'requests.cpu': '3500m', pods: '7' } },
    });
    expect(quotasOf(worldFrom([quota]))).toEqual({
      known: true,
      value: [
        {
          namespace: 'shop',
          name: 'one',
          resources: [
            { resource: 'limits.memory', hard: '8Gi' },
            { resource: 'pods', hard: '10', used: '7', left: 3 },
            { resource: 'requests.cpu', hard: '4', used: '3500m', left: 0.5 },
          ],
          scopes: ['PriorityClass In system-node-critical'],
          demands: ['limits.memory', 'requests.cpu'],
        },
      ],
    });
  });

  it('keep each rule of a LimitRange', () => {
    const limit = { type: 'Container', default: { cpu: '500m' }, defaultRequest: { cpu: '100m' }, max: { cpu: 2 } };
    expect(limitRangesOf(worldFrom([object('v1', 'LimitRange', { spec: { limits: [limit] } })]))).toMatchObject({
      known: true,
      value: [{ limits: [{ type: 'Container', default: { cpu: '500m' }, max: { cpu: '2' }, min: {} }] }],
    });
  });

  it('tell no quota from a quota that was not read', () => {
    expect(quotasOf(worldFrom([]))).toEqual({ known: true, value: [] });
    expect(quotasOf(worldFrom([], { forbidden: ['ResourceQuota'] })).known).toBe(false);
    expect(quotasOf(worldFrom([namespace('shop')], { basis: 'declared' })).known).toBe(false);
  });
});

describe('disruptionBudgetsOf', () => {
  it.each([
    [{ maxUnavailable: 0 }, { expectedPods: 3, disruptionsAllowed: 0 }, 'never'],
    [{ maxUnavailable: '0%' }, {}, 'never'],
    [{ minAvailable: '100%' }, {}, 'never'],
    [{ minAvailable: 3 }, { expectedPods: 3, disruptionsAllowed: 0 }, 'never'],
    [{ minAvailable: '67%' }, { expectedPods: 3, disruptionsAllowed: 0 }, 'never'],
    [{ minAvailable: 2 }, { expectedPods: 3, disruptionsAllowed: 0 }, 'none-now'],
    [{ minAvailable: 2 }, { expectedPods: 3, disruptionsAllowed: 1 }, 'some'],
    [{ maxUnavailable: 1 }, {}, 'unknown'],
  ])('takes %j with %j for %s', (spec, status, evictions) => {
    const world = worldFrom([object('policy/v1', 'PodDisruptionBudget', { spec, status })]);
    expect(disruptionBudgetsOf(world)).toMatchObject({ known: true, value: [{ evictions }] });
  });
});

describe('podSecurityOf', () => {
  it('counts namespaces by level, and reads what is no level as the API server does', () => {
    const label = 'pod-security.kubernetes.io/';
    const world = worldFrom([
      namespace('a'),
      namespace('b', { [`${label}enforce`]: 'restricted', [`${label}warn`]: 'restricted' }),
      namespace('c', { [`${label}enforce`]: 'strictest', [`${label}audit`]: 'strictest' }),
    ]);
    const { enforce, audit, namespaces, securityContextConstraints } = podSecurityOf(world);
    expect(enforce).toEqual({ known: true, value: { privileged: 0, baseline: 0, restricted: 2, unlabelled: 1 } });
    expect(audit).toEqual({ known: true, value: { privileged: 1, baseline: 0, restricted: 0, unlabelled: 2 } });
    expect(namespaces).toMatchObject({ known: true, value: [{ namespace: 'b' }, { namespace: 'c' }] });
    expect(securityContextConstraints).toEqual({ known: true, value: false });
  });

  it('sees that OpenShift decides as well, and does not know it where definitions were not read', () => {
    const scc = definition('securitycontextconstraints', 'security.openshift.io');
    expect(podSecurityOf(worldFrom([scc])).securityContextConstraints).toEqual({ known: true, value: true });
    const blind = worldFrom([], { forbidden: ['apiextensions.k8s.io/CustomResourceDefinition', 'Namespace'] });
    expect(podSecurityOf(blind).securityContextConstraints.known).toBe(false);
    expect(podSecurityOf(blind).enforce.known).toBe(false);
  });
});
