import fc from 'fast-check';
import { expect, it } from 'vitest';
import { attributeHolds } from '../../../src/domain/mesh/istio/authorization/attribute-match.ts';
import { parseAuthorizationPolicy } from '../../../src/domain/mesh/istio/authorization/parse.ts';
import { validateRule } from '../../../src/domain/mesh/istio/authorization/rule-validation.ts';
import { projectAuthorization } from '../../../src/domain/world/admit-field.ts';
import { unknown } from '../../../src/domain/world/fact.ts';

const values = fc.array(fc.oneof(fc.string(), fc.constantFrom('*', 'a*', '*a', '')), { maxLength: 3 });

it('a condition on a header that nobody knows holds as before when its values are not kept', () => {
  fc.assert(
    fc.property(values, values, (given, notGiven) => {
      const spec = { rules: [{ when: [{ key: 'request.headers[x]', values: given, notValues: notGiven }] }] };
      const verdicts = [spec, projectAuthorization(spec)].map((each) => {
        const { rules } = parseAuthorizationPolicy({
          apiVersion: 'security.istio.io/v1',
          kind: 'AuthorizationPolicy',
          metadata: { name: 'a', labels: {}, annotations: {}, ownerReferences: [] },
          origin: { from: 'read' },
          spec: each,
        });
        return rules.map((rule) => [
          rule.when.map((match) => attributeHolds(match, () => unknown('the headers'))),
          validateRule(rule, 'ALLOW', 'spec'),
        ]);
      });
      expect(verdicts[1]).toEqual(verdicts[0]);
    }),
  );
});
