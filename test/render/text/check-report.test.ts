import { describe, expect, it } from 'vitest';
import { renderCheckReport } from '../../../src/render/text/check-report.ts';
import { HOSTILE } from './assessed-world.ts';
import { checkedWorld, finding } from './checked-world.ts';
import { longLines } from './long-lines.ts';

const PLAIN = { colour: false, width: 80 };
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe('a check report as text', () => {
  it('says at once how many findings fail the run', () => {
    const text = flat(renderCheckReport(checkedWorld([finding({ severity: 'blocker' }), finding()]), PLAIN));
    expect(text).toContain('2 findings (1 blocker, 1 high)');
    expect(text).toContain('1 at or above blocker (--fail-on): the answer is no.');
  });

  it('puts findings with one remedy together, and the worst group first', () => {
    const findings = [
      finding({ message: 'A.' }),
      finding({ message: 'B.', remedy: { text: 'Another way.' }, severity: 'blocker' }),
      finding({ message: 'C.' }),
    ];
    const text = renderCheckReport(checkedWorld(findings), PLAIN);
    expect(text).toMatch(/ 1\. BLOCKER, 1 finding:[^]* 2\. HIGH, 2 findings:/);
    expect(text.match(/do: Enrol the caller first\./g)).toHaveLength(1);
    expect(text.indexOf('B.')).toBeLessThan(text.indexOf('A.'));
  });

  it('puts what hurts earlier in the rollout first among equals', () => {
    const later = finding({ message: 'Later.', remedy: { text: 'One.' } });
    const sooner = finding({ message: 'Sooner.', remedy: { text: 'Other.' }, stages: ['inject', 'strict'] });
    const text = renderCheckReport(checkedWorld([later, later, sooner]), PLAIN);
    expect(text.indexOf('Sooner.')).toBeLessThan(text.indexOf('Later.'));
  });

  it('names object, field, value, consequence, stage, remedy and source', () => {
    const text = flat(renderCheckReport(checkedWorld([finding()]), PLAIN));
    expect(text).toContain('Deployment shop/cart, spec.ports = 8080: Calls are refused.');
    expect(text).toContain('hurts at: STRICT');
    expect(text).toContain('do: Enrol the caller first.');
    expect(text).toContain('https://example.com/why');
  });

  it('names the object that decides, where it is another', () => {
    const policy = { kind: 'security.istio.io/PeerAuthentication', namespace: 'shop', name: 'default' };
    const evidence = [{ object: policy, field: 'spec.mtls.mode', value: 'STRICT', rule: 'the server asks for it' }];
    const text = flat(renderCheckReport(checkedWorld([finding({ evidence })]), PLAIN));
    expect(text).toContain('because PeerAuthentication shop/default, spec.mtls.mode = STRICT: the server asks for it');
  });

  it('shows a change with its fields, and commands so that a shell takes them as they are', () => {
    const target = { kind: 'Service', namespace: 'shop', name: 'db' };
    const remedy = {
      text: 'Name the port.',
      change: { id: 'fix', steps: [{ step: 'patch', target, patch: { spec: { a: 1 } }, why: 'it is unnamed' }] },
      commands: [['helm', 'upgrade', '--set', 'a=b c']],
    } as const;
    const text = renderCheckReport(checkedWorld([finding({ remedy })]), PLAIN);
    expect(text).toContain('change: patch Service shop/db with { "spec": { "a": 1 } }');
    expect(text).toContain("helm upgrade --set 'a=b c'");
  });

  it('keeps a waived finding apart, and counts an expired waiver as none', () => {
    const waived = { reason: 'legacy', owner: 'team-a', expires: '2027-01-31' };
    const text = renderCheckReport(
      checkedWorld([
        finding({ message: 'In force.', waived: { ...waived, expired: false } }),
        finding({ message: 'Expired.', waived: { ...waived, expired: true } }),
      ]),
      PLAIN,
    );
    expect(flat(text)).toContain('1 finding (1 high), 1 more waived');
    expect(flat(text)).toContain('WAIVED - high unmeshed-callers: Deployment shop/cart, spec.ports = 8080: legacy');
    expect(flat(text)).toContain('its waiver expired on 2027-01-31');
  });

  it('never lets no finding look like a promise when checks were not assessed', () => {
    const notAssessed = [{ check: 'unmeshed-callers', reason: 'Pod objects were not read', objects: [] }];
    const summary = { ...checkedWorld([]).summary, notAssessed: 1 };
    const text = flat(renderCheckReport(checkedWorld([], { notAssessed, summary }), PLAIN));
    expect(text).toContain('That is no promise');
    expect(text).toContain('unmeshed-callers: not assessed, because Pod objects were not read');
  });

  it('says that nothing was looked at where no check covers the stage', () => {
    const summary = { ...checkedWorld([]).summary, checks: 0 };
    expect(flat(renderCheckReport(checkedWorld([], { stage: 'day2', summary }), PLAIN))).toContain(
      'No check covers this yet, so nothing was looked at.',
    );
  });

  it('says what a namespace leaves out', () => {
    const text = flat(renderCheckReport(checkedWorld([], { namespaces: ['shop'], elsewhere: 2 }), PLAIN));
    expect(text).toContain('in shop only (everything was read)');
    expect(text).toContain('2 findings on other namespaces or the cluster are not shown.');
  });

  it('is at most 80 columns wide and free of control characters, whatever the names', () => {
    const name = `${HOSTILE}${'long'.repeat(70)}`;
    const hostile = finding({
      object: { kind: 'apps/Deployment', namespace: name, name },
      field: name,
      value: name,
      message: `${name} is refused.`,
      evidence: [{ rule: name, field: name, value: name }],
      remedy: { text: name },
    });
    const text = renderCheckReport(checkedWorld([hostile], { warnings: [name], cluster: { name } }), PLAIN);
    expect(longLines(text, 80)).toEqual([]);
    expect(text).not.toMatch(/[\u001b\u202e]/);
  });
});
