import { Flags } from '@oclif/core';
import { evidenceFlags, type EvidenceFlags } from './evidence-flags.ts';

/** The flags by which every command is told which world it is asked about. */
export const worldFlags = {
  filename: Flags.string({
    char: 'f',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'file, directory, dump or snapshot to read, or - for standard input; repeatable',
    helpValue: 'PATH',
    helpGroup: 'WORLD',
  }),
  demo: Flags.boolean({ summary: 'read the demo cluster that comes with meshwise', helpGroup: 'WORLD' }),
  context: Flags.string({ summary: 'kubeconfig context of the cluster to read', helpGroup: 'WORLD' }),
  kubeconfig: Flags.string({ summary: 'path of the kubeconfig', helpValue: 'PATH', helpGroup: 'WORLD' }),
  as: Flags.string({ summary: 'user to impersonate while reading', helpGroup: 'WORLD' }),
  'as-group': Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    summary: 'group to impersonate; repeatable',
    helpGroup: 'WORLD',
  }),
  'request-timeout': Flags.integer({
    summary: 'seconds to wait for one answer of the cluster; 0 waits for ever',
    default: 30,
    min: 0,
    helpGroup: 'WORLD',
  }),
  qps: Flags.integer({ summary: 'requests a second at most; 0 sets no limit', default: 5, min: 0, helpGroup: 'WORLD' }),
  overlay: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    summary: 'manifests to lay over the world, as kubectl apply would; repeatable',
    helpValue: 'PATH',
    helpGroup: 'WORLD',
  }),
  at: Flags.string({ summary: 'time to judge ages by, RFC 3339', helpValue: 'TIME', helpGroup: 'WORLD' }),
  save: Flags.string({ summary: 'write what was read to a snapshot', helpValue: 'FILE', helpGroup: 'WORLD' }),
  'hide-names': Flags.boolean({
    summary: 'in the snapshot, put pseudonyms for names of namespaces, workloads, services, accounts and hosts',
    dependsOn: ['save'],
    helpGroup: 'WORLD',
  }),
  'read-configmaps': Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    summary: 'read all ConfigMaps of this namespace for the hosts that they name; repeatable',
    helpValue: 'NAMESPACE',
    helpGroup: 'WORLD',
  }),
  input: Flags.boolean({
    allowNo: true,
    default: true,
    summary: 'ask for what is missing; nobody is asked without a terminal',
    helpGroup: 'WORLD',
  }),
  'whole-lists': Flags.boolean({
    summary: 'the lists in the files were made with -A: what they hold is all there is',
    dependsOn: ['filename'],
    helpGroup: 'WORLD',
  }),
  'namespace-for-unset': Flags.string({
    summary: 'namespace of objects in files that name none',
    default: 'default',
    helpGroup: 'WORLD',
  }),
  ...evidenceFlags,
};

/** What the flags hold once they are parsed. */
export interface WorldFlags extends EvidenceFlags {
  readonly filename?: readonly string[] | undefined;
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly as?: string | undefined;
  readonly 'as-group'?: readonly string[] | undefined;
  readonly qps: number;
  readonly overlay?: readonly string[] | undefined;
  readonly save?: string | undefined;
  readonly 'hide-names'?: boolean | undefined;
  readonly 'whole-lists'?: boolean | undefined;
  readonly 'read-configmaps'?: readonly string[] | undefined;
  /** What is reported; where a list over all namespaces is forbidden, these are listed alone. */
  readonly namespace?: readonly string[] | undefined;
  readonly 'namespace-for-unset': string;
}

/** Limits what is reported, never what is read: callers from other namespaces count all the same. */
export const scopeFlags = {
  namespace: Flags.string({
    char: 'n',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    summary: 'report on this namespace only (all are read); repeatable, or joined by commas',
    helpGroup: 'SCOPE',
  }),
  'all-namespaces': Flags.boolean({ char: 'A', summary: 'report on all namespaces (the default)', helpGroup: 'SCOPE' }),
};

/** Picks workloads by the labels of their pods, as kubectl does. */
export const selectorFlag = Flags.string({
  char: 'l',
  summary: 'workloads whose pods have these labels, as app=cart,tier!=cache',
  helpValue: 'SELECTOR',
  helpGroup: 'SCOPE',
});
