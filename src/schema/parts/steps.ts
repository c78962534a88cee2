import { z } from 'zod';
import type { KubeObject, ObjectMeta, Origin } from '../../domain/kubernetes/object.ts';
import type { Change, Manifest, Step } from '../../domain/world/step.ts';
import { describing } from '../same-type.ts';
import { objectRef } from './references.ts';
import { commandLine, count, textMap, time } from './words.ts';

const anyFields = z.record(z.string(), z.unknown());

const origin = describing<Origin>()(
  z.discriminatedUnion('from', [
    z.object({ from: z.literal('read'), file: z.exactOptional(z.string()), line: z.exactOptional(count) }),
    z.object({ from: z.literal('planned'), by: z.string() }),
    z.object({ from: z.literal('assumed'), by: z.string() }),
  ]),
);

const ownerReference = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  controller: z.boolean(),
});

const objectMeta = describing<ObjectMeta>()(
  z.object({
    name: z.string(),
    namespace: z.exactOptional(z.string()),
    uid: z.exactOptional(z.string()),
    creationTimestamp: z.exactOptional(time),
    generation: z.exactOptional(z.number()),
    labels: textMap,
    annotations: textMap,
    ownerReferences: z.array(ownerReference),
    managers: z.exactOptional(z.array(z.string())),
  }),
);

/** A Kubernetes object as it was admitted to a world. */
export const kubeObject = describing<KubeObject>()(
  z
    .looseObject({
      apiVersion: z.string(),
      kind: z.string(),
      metadata: objectMeta,
      origin,
      spec: z.exactOptional(z.unknown()),
      status: z.exactOptional(z.unknown()),
      data: z.exactOptional(z.unknown()),
      decoded: z.exactOptional(anyFields.describe('what text inside the object says, as a mesh configuration')),
    })
    .meta({ id: 'KubeObject', description: 'A Kubernetes object, cut down to what rules read.' }),
);

const manifest = describing<Manifest>()(
  z
    .looseObject({
      apiVersion: z.string(),
      kind: z.string(),
      metadata: z.object({
        name: z.string(),
        namespace: z.exactOptional(z.string()),
        labels: z.exactOptional(textMap),
        annotations: z.exactOptional(textMap),
      }),
      spec: z.exactOptional(z.unknown()),
    })
    .meta({ id: 'Manifest', description: 'A manifest for kubectl apply --server-side.' }),
);

/** How the pods of a workload are made new. */
export const restartMethod = z.enum([
  'rollout-restart',
  'rollouts-restart',
  'flagger',
  'operator',
  'delete-pods',
  'next-run',
  'manual',
]);

/** One thing to do to a cluster. */
export const step = describing<Step>()(
  z
    .discriminatedUnion('step', [
      z.object({
        step: z.literal('apply'),
        manifest,
        whole: z.exactOptional(
          z
            .enum(['object', 'body'])
            .describe('what the manifest leaves out goes; with body, labels and annotations stay'),
        ),
      }),
      z.object({ step: z.literal('patch'), target: objectRef, patch: anyFields, why: z.string() }),
      z.object({ step: z.literal('delete'), target: objectRef }),
      z.object({ step: z.literal('restart'), workload: objectRef, method: restartMethod }),
      z.object({
        step: z.literal('external'),
        title: z.string(),
        commands: z.array(commandLine),
        expect: z.array(kubeObject).describe('objects that the commands are expected to create'),
        expectKinds: z.array(z.string()).describe('kinds that the commands make the cluster serve'),
        expectChanges: z.exactOptional(
          z
            .array(z.object({ target: objectRef, fields: anyFields }))
            .describe('what the commands are expected to change in objects that are there; merged like a patch'),
        ),
      }),
    ])
    .meta({ id: 'Step', description: 'Apply, patch, delete, restart, or commands outside the manifests.' }),
);

/** An ordered list of steps. */
export const change = describing<Change>()(z.object({ id: z.string(), steps: z.array(step) }).meta({ id: 'Change' }));
