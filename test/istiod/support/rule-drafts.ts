import fc from 'fast-check';
import { ACCOUNTS, NAMESPACES } from './names.ts';

function some<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(value, { minLength: 1, maxLength: 2 });
}

const principal = fc.oneof(
  fc
    .tuple(fc.constantFrom(...NAMESPACES), fc.constantFrom(...ACCOUNTS))
    .map(([namespace, account]) => `cluster.local/ns/${namespace}/sa/${account}`),
  fc.constantFrom('*', '*/sa/default', 'cluster.local/ns/red/*', '*/ns/blue/sa/special', 'td.example/ns/red/sa/robot'),
);
const namespaceName = fc.constantFrom(...NAMESPACES, '*', 'gr*', '*ue');
const account = fc.oneof(
  fc.constantFrom(...ACCOUNTS),
  fc.tuple(fc.constantFrom(...NAMESPACES), fc.constantFrom(...ACCOUNTS)).map((parts) => parts.join('/')),
);
const method = fc.constantFrom('GET', 'POST', '*', 'G*');
const path = fc.constantFrom('/', '/api', '/api/*', '*.html', '/api/v1/items', '*', '/api/{*}/items', '/api/{**}');
const port = fc.constantFrom('8080', '9090', '5432', '80');

const source = fc.oneof(
  some(principal).map((principals) => ({ principals })),
  some(principal).map((notPrincipals) => ({ notPrincipals })),
  some(namespaceName).map((namespaces) => ({ namespaces })),
  some(namespaceName).map((notNamespaces) => ({ notNamespaces })),
  some(account).map((serviceAccounts) => ({ serviceAccounts })),
  some(account).map((notServiceAccounts) => ({ notServiceAccounts })),
  fc.tuple(some(namespaceName), some(principal)).map(([namespaces, notPrincipals]) => ({ namespaces, notPrincipals })),
);

const operation = fc.oneof(
  some(method).map((methods) => ({ methods })),
  some(method).map((notMethods) => ({ notMethods })),
  some(path).map((paths) => ({ paths })),
  some(path).map((notPaths) => ({ notPaths })),
  some(port).map((ports) => ({ ports })),
  some(port).map((notPorts) => ({ notPorts })),
  fc.tuple(some(port), some(method)).map(([ports, methods]) => ({ ports, methods })),
  fc.tuple(some(method), some(path)).map(([methods, notPaths]) => ({ methods, notPaths })),
);

const condition = fc.oneof(
  some(principal).map((values) => ({ key: 'source.principal', values })),
  some(fc.constantFrom(...NAMESPACES)).map((notValues) => ({ key: 'source.namespace', notValues })),
  some(port).map((values) => ({ key: 'destination.port', values })),
  some(port).map((notValues) => ({ key: 'destination.port', notValues })),
  fc.constant({ key: 'request.auth.claims[group]', values: ['admin'] }),
);

const rule = fc.record(
  {
    from: fc.array(
      source.map((one) => ({ source: one })),
      { minLength: 1, maxLength: 2 },
    ),
    to: fc.array(
      operation.map((one) => ({ operation: one })),
      { minLength: 1, maxLength: 2 },
    ),
    when: fc.array(condition, { minLength: 1, maxLength: 1 }),
  },
  { requiredKeys: [] },
);

/** Rules of an AuthorizationPolicy; none at all, and the one that matches everything, among them. */
export const authorizationRules: fc.Arbitrary<readonly unknown[] | undefined> = fc.option(
  fc.array(rule, { minLength: 1, maxLength: 2 }),
  { nil: undefined, freq: 8 },
);
