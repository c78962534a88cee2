import { expect, test } from 'vitest';
import { restartInstruction } from '../../../src/render/bundle/restart-instructions.ts';

function commands(kind: string): string {
  const target = { namespace: 'data', kind, name: 'db', method: 'delete-pods', rollsByPatch: true } as const;
  return restartInstruction(target).commands.join('\n');
}

test('pods that are replaced only when they are deleted are deleted one by one, and only those of the workload', () => {
  const text = commands('StatefulSet');
  expect(text).toContain('(eq .kind "StatefulSet") (eq .name "db")');
  expect(text).toMatch(/for pod in .*\n {2}kubectl delete pod -n data "\$pod" && .*\n {4}kubectl wait statefulset\/db/);
  expect(text).toContain('|| break');
});

test('a DaemonSet is waited for by its own counters', () => {
  expect(commands('DaemonSet')).toContain('{.status.numberReady}');
  expect(commands('DaemonSet')).toContain('{.status.desiredNumberScheduled}');
  expect(commands('StatefulSet')).toContain('{.status.readyReplicas}');
});
