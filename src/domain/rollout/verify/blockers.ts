import { CATALOGUE } from '../../checks/catalogue.ts';
import type { CheckContext, Severity } from '../../checks/check.ts';
import { runChecks } from '../../checks/run-checks.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, type ObjectRef } from '../../kubernetes/object.ts';
import { told, type Told } from './tell.ts';

const SHOWN = 5;
/** Some findings weigh more than their check does. */
const MAY_BLOCK: ReadonlySet<Severity> = new Set<Severity>(['blocker', 'high']);

/** Whether the checks of a stage find no blocker in the namespaces, nor in what lies in none. */
export function noBlocker(context: CheckContext, namespaces: readonly string[]): Told {
  const { findings, notAssessed } = runChecks(context);
  const lies = ({ kind, namespace, name }: ObjectRef): boolean => {
    const home = kind === KIND.namespace ? name : namespace;
    return home === undefined || namespaces.includes(home);
  };
  const open = findings.filter(({ severity, object }) => severity === 'blocker' && lies(object));
  if (open.length > 0) {
    const evidence = open
      .slice(0, SHOWN)
      .map(({ check, object, message }) => ({ object, rule: `${check}: ${message}` }));
    const more = open.length > SHOWN ? [{ rule: `and ${String(open.length - SHOWN)} blockers more` }] : [];
    return { state: 'unmet', evidence: [...evidence, ...more] };
  }
  const blockers = new Set(CATALOGUE.filter(({ severity }) => MAY_BLOCK.has(severity)).map(({ id }) => id));
  const undecided = notAssessed.filter(
    ({ check, objects }) => blockers.has(check) && (objects.length === 0 || objects.some(lies)),
  );
  const [first] = undecided;
  if (first === undefined) return told('met', `the checks of stage ${context.stage ?? ''} find no blocker`);
  const where = first.objects.length === 0 ? '' : ` for ${first.objects.slice(0, 3).map(formatRef).join(', ')}`;
  const more = undecided.length > 1 ? `; and ${String(undecided.length - 1)} more are not assessed` : '';
  return told('unknown', `${first.check} is not assessed${where}: ${first.reason}${more}`);
}
