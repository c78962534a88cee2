import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Stage } from '../../../src/domain/rollout/plan.ts';
import type { ApplyStep } from '../../../src/domain/world/step.ts';
import { verdictAt } from './fault-verdict.ts';
import { FAULTS, type Fault, type Where } from './planted-faults.ts';
import type { Faults } from './rollout-laws.ts';

/**
 * The judge is worth what it notices: each of these faults, planted into a resolver or the planner, must make a law fail.
 */
const { planted, isOn } = vi.hoisted(() => {
  const state: { fault: Fault | undefined } = { fault: undefined };
  return { planted: state, isOn: (fault: Fault): boolean => state.fault === fault };
});

function edited(step: ApplyStep, spec: object): ApplyStep {
  const before = step.manifest.spec as object;
  return { ...step, manifest: { ...step.manifest, spec: { ...before, ...spec } } };
}

vi.mock(import('../../../src/domain/mesh/istio/mtls/creation-order.ts'), async (original) => {
  const real = await original();
  const timeOf = (age: (typeof real)['ageOf'] extends (...of: never[]) => infer A ? A : never): number =>
    age.age === 'created' ? age.at : Number.MAX_SAFE_INTEGER;
  return {
    ...real,
    possiblyOldest: (objects) =>
      isOn('the youngest PeerAuthentication counts')
        ? [...objects].sort((left, right) => timeOf(right.age) - timeOf(left.age)).slice(0, 1)
        : real.possiblyOldest(objects),
  };
});

vi.mock(import('../../../src/domain/mesh/istio/mtls/effective-mode.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    modeOnPort: (effective, port) =>
      isOn('modes of ports are ignored') ? effective : real.modeOnPort(effective, port),
  };
});

vi.mock(import('../../../src/domain/mesh/istio/mtls/inbound-filter-chain.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    inboundResult: (input) =>
      real.inboundResult(
        isOn('STRICT takes plaintext') && input.mode === 'STRICT' ? { ...input, mode: 'PERMISSIVE' } : input,
      ),
  };
});

vi.mock(import('../../../src/domain/mesh/istio/protocol/server-first.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    serverFirstResult: (input) =>
      isOn('no server speaks first') ? { result: 'ok', why: '' } : real.serverFirstResult(input),
  };
});

vi.mock(import('../../../src/domain/mesh/istio/destination-rule/client-wire.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    serviceWire: (call) => real.serviceWire(isOn('DestinationRules are ignored') ? { ...call, rule: undefined } : call),
  };
});

vi.mock(import('../../../src/domain/rollout/simulate-stage.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    trySteps: (start, id, steps) => {
      const trial = real.trySteps(start, id, steps);
      return isOn('stages are not simulated') ? { ...trial, worse: [] } : trial;
    },
  };
});

vi.mock(import('../../../src/domain/rollout/touched-calls.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    touchedBy: (steps, start) =>
      real
        .touchedBy(steps, start)
        .map((calls, place) => (isOn('steps touch no call') && steps[place]?.step !== 'external' ? [] : calls)),
  };
});

vi.mock(import('../../../src/domain/rollout/evidence-rule.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    satisfies: (evidence, wanted) =>
      isOn('guesses count as observed') ? evidence !== 'none' : real.satisfies(evidence, wanted),
  };
});

vi.mock(import('../../../src/domain/rollout/istio/callers.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    callersOf: (...given) => {
      const callers = real.callersOf(...given);
      if (isOn('a caller is left out')) return { ...callers, rules: callers.rules.slice(1) };
      if (isOn('principals are of another trust domain')) {
        const rules = callers.rules.map((rule) => ({
          ...rule,
          principals: rule.principals.map((principal) => principal.replace('cluster.local', 'elsewhere')),
        }));
        return { ...callers, rules };
      }
      if (isOn('everybody may call'))
        return { ...callers, rules: [], open: callers.rules.flatMap(({ ports }) => ports) };
      return callers;
    },
  };
});

vi.mock(import('../../../src/domain/rollout/istio/authorization-objects.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    callersPolicy: (world, workload, parts) => {
      const isDryRun = parts.isDryRun && !isOn('the shadow is enforced');
      const step = real.callersPolicy(world, workload, { ...parts, isDryRun });
      return isOn('a policy selects nobody') ? edited(step, { selector: { matchLabels: { app: 'nobody' } } }) : step;
    },
    namespacePolicy: (namespace, admits) => {
      if (isOn('there is no catch-all')) return real.namespacePolicy(namespace, 'nobody');
      if (isOn('deny admits everybody')) return real.namespacePolicy(namespace, 'everybody');
      return real.namespacePolicy(namespace, admits);
    },
  };
});

vi.mock(import('../../../src/domain/rollout/istio/exception-objects.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    exceptionObjects: (world, ports) => {
      const made = real.exceptionObjects(world, ports);
      const changed = (modes: (port: string) => readonly [string, object]): typeof made => ({
        ...made,
        steps: made.steps.map((step) => {
          const { portLevelMtls = {} } = step.manifest.spec as { portLevelMtls?: object };
          return edited(step, { portLevelMtls: Object.fromEntries(Object.keys(portLevelMtls).map(modes)) });
        }),
      });
      if (isOn('exceptions say DISABLE')) return changed((port) => [port, { mode: 'DISABLE' }]);
      if (isOn('exceptions name the port of the Service')) return changed(() => ['80', { mode: 'PERMISSIVE' }]);
      return made;
    },
  };
});

vi.mock(import('../../../src/domain/rollout/istio/strict-exceptions.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    portsToExcept: (...given) => (isOn('nothing is excepted') ? [] : real.portsToExcept(...given)),
  };
});

vi.mock(import('../../../src/domain/rollout/istio/namespace-mtls.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    setNamespaceMode: (namespace, mtls, mode) =>
      isOn('STRICT is written beside what is there')
        ? real.setNamespaceMode(namespace, { ...mtls, name: `meshwise-${mode.toLowerCase()}` }, mode)
        : real.setNamespaceMode(namespace, mtls, mode),
  };
});

vi.mock(import('../../../src/domain/rollout/rollback-steps.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    rollbackSteps: (world, steps) => {
      const back = real.rollbackSteps(world, steps);
      return isOn('a rollback restores nothing') ? back.filter(({ step }) => step !== 'patch') : back;
    },
  };
});

vi.mock(import('../../../src/domain/rollout/rollback-order.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    withRollbackOrder: <T extends Pick<Stage, 'id' | 'state' | 'steps' | 'dependsOn' | 'rollback'>>(
      stages: readonly T[],
    ) => (isOn('rollbacks wait for nothing') ? stages : real.withRollbackOrder(stages)),
  };
});

vi.mock(import('../../../src/domain/rollout/same-value.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    sameValue: (left, right) => !isOn('what is done is planned again') && real.sameValue(left, right),
  };
});

vi.mock(import('../../../src/domain/rollout/fnv.ts'), async (original) => {
  const real = await original();
  let drawn = 0;
  return {
    ...real,
    fnvHex: (text, digits) =>
      real.fnvHex(isOn('ids change from plan to plan') ? `${text} ${String((drawn += 1))}` : text, digits),
  };
});

vi.mock(import('../../../src/domain/rollout/istio-sidecar/wave-steps.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    waveSteps: (...given) => {
      const steps = real.waveSteps(...given);
      return isOn('pods are not made new') ? steps.filter(({ step }) => step !== 'restart') : steps;
    },
  };
});

afterEach(() => {
  planted.fault = undefined;
});

/** What is said of worlds without a fault, found out once for each place. */
const quiet = new Map<string, Faults>();

function quietVerdictAt(where: Where): Faults {
  const key = JSON.stringify(where);
  quiet.set(key, quiet.get(key) ?? verdictAt(where));
  return quiet.get(key) ?? [];
}

describe('a planted fault makes a law fail', () => {
  test.each(FAULTS)(
    '$fault',
    ({ fault, where }) => {
      expect(quietVerdictAt(where), 'without the fault').toEqual([]);
      planted.fault = fault;
      expect(verdictAt(where), 'with the fault').not.toEqual([]);
    },
    120_000,
  );
});
