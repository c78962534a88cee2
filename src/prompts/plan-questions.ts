import type { Question } from './ask.ts';

/** What `plan` must know and cannot guess. */
export const TARGET_QUESTION: Question = {
  flag: '--target',
  message: 'What is to be rolled out?',
  choices: [
    { value: 'istio-sidecar', name: 'Istio with sidecars' },
    { value: 'istio-ambient', name: 'Istio in ambient mode' },
    { value: 'linkerd', name: 'Linkerd' },
  ],
};
