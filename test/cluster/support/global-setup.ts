import type { TestProject } from 'vitest/node';
import { linkerdCrds } from './crds.ts';
import { buildIstioctl, buildServer, whyNoGo } from './tools.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the program of etcd, kube-apiserver and kubectl; empty where it cannot be built. */
    server: string;
    /** Path of istioctl; empty where it is not built. */
    istioctl: string;
    /** Why there is no istioctl although there is Go; fails the one test that needs it. */
    withoutIstioctl: string;
    /** Why the tests are skipped; empty where they are not. */
    skipped: string;
  }
}

/** Builds what the tests run. Without Go they are skipped, which CI counts as a failure. */
export async function setup({ provide }: TestProject): Promise<void> {
  const why = await whyNoGo();
  if (why !== undefined && process.env['CI'] === 'true') throw new Error(`cluster tests cannot run: ${why}`);
  if (why !== undefined) process.stderr.write(`cluster tests are skipped: ${why}\n`);
  provide('skipped', why ?? '');
  const server = why === undefined ? await buildServer() : '';
  provide('server', server);
  if (server !== '') process.stderr.write(`CRDs of Linkerd: ${(await linkerdCrds(server)).from}\n`);
  const istioctl = why === undefined ? await builtIstioctl() : { program: '', failure: '' };
  provide('istioctl', istioctl.program);
  provide('withoutIstioctl', istioctl.failure);
}

/** One test needs it: where it cannot be built, the others still run. */
async function builtIstioctl(): Promise<{ readonly program: string; readonly failure: string }> {
  try {
    return { program: await buildIstioctl(), failure: '' };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${failure}\nthe manifests of a plan are not validated by istioctl, which fails one test\n`);
    return { program: '', failure };
  }
}
