import { z } from 'zod';
import type { StoryGap } from '../../domain/inventory/story-gaps.ts';
import type { CallOutcome, StoryCall, WorkloadStory } from '../../domain/inventory/workload-story.ts';
import { call } from '../parts/call.ts';
import { factOf } from '../parts/fact.ts';
import { fateFields } from '../parts/fate.ts';
import { headOf, type HeadOf } from '../parts/head.ts';
import { detection } from '../parts/mesh.ts';
import { evidence } from '../parts/references.ts';
import { count, textMap } from '../parts/words.ts';
import { serviceRow, workloadRow } from '../parts/workload-row.ts';
import { describing } from '../same-type.ts';

const outcome = describing<CallOutcome>()(
  z.object(fateFields).meta({ id: 'CallOutcome', description: 'What becomes of a call in the world as it is.' }),
);

const storyCall = describing<StoryCall>()(z.object({ call, outcome }).meta({ id: 'StoryCall' }));

const storyGap = describing<StoryGap>()(
  z.object({ about: z.string(), reason: z.string(), howToKnow: z.exactOptional(z.string()) }),
);

/** The result of `inventory WORKLOAD`. */
export const workloadStory = describing<HeadOf<'WorkloadStory'> & WorkloadStory>()(
  z.object({
    ...headOf('WorkloadStory'),
    cluster: z.string(),
    workload: workloadRow,
    replicas: factOf(count),
    labels: textMap.describe('of the pods that the template would create'),
    schedule: z.exactOptional(z.string()),
    namespaceEnrolment: z
      .string()
      .describe('what its namespace asks of the meshes; none where it asks nothing, unknown where unread'),
    meshes: z.array(detection).describe('those that are not absent'),
    services: z.array(serviceRow),
    callers: z.array(storyCall),
    callees: z.array(storyCall),
    surroundings: z.array(evidence).describe('autoscalers, disruption budgets, quotas and network policies'),
    unknown: z.array(storyGap),
  }),
);
