'use strict';

/** The order inside the domain: each folder may use those before it and none after it. */
const DOMAIN_ORDER = ['kubernetes', 'world', 'mesh', 'calls', 'inventory', 'simulate', 'checks', 'decide', 'rollout'];

const domainOrder = DOMAIN_ORDER.slice(0, -1).map((layer, index) => ({
  name: `domain-order-${layer}`,
  comment: `Inside the domain imports go one way (${DOMAIN_ORDER.join(' < ')}), so that what a rule of Kubernetes or a mesh says never depends on who asks.`,
  severity: 'error',
  from: { path: `^src/domain/${layer}/` },
  to: { path: `^src/domain/(?:${DOMAIN_ORDER.slice(index + 1).join('|')})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'lib-is-the-floor',
      comment: 'Everything may use lib/, so it uses nothing: no other folder, no package, no Node.js module.',
      severity: 'error',
      from: { path: '^src/lib/' },
      to: { pathNot: '^src/lib/' },
    },
    {
      name: 'domain-is-pure',
      comment:
        'The domain decides what is safe: the same world must give the same answer everywhere, so it sees only itself and lib/, no package and no Node.js module.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: '^src/(?:domain|lib)/' },
    },
    ...domainOrder,
    {
      name: 'meshes-do-not-know-each-other',
      comment:
        'A call between two meshes is joined in simulate/ from the answers of both, so a mesh is added or corrected without reading the others; recognised/ is how any of them is told by its signs.',
      severity: 'error',
      from: { path: '^src/domain/mesh/([^/]+)/' },
      to: { path: '^src/domain/mesh/[^/]+/', pathNot: '^src/domain/mesh/(?:$1|recognised)/' },
    },
    {
      name: 'recognition-knows-no-mesh',
      comment: 'All meshes may use recognised/, so it must not use one of them.',
      severity: 'error',
      from: { path: '^src/domain/mesh/recognised/' },
      to: { path: '^src/domain/mesh/[^/]+/', pathNot: '^src/domain/mesh/recognised/' },
    },
    {
      name: 'rollouts-of-linkerd-and-istio-do-not-know-each-other',
      comment:
        'A stage of one mesh is corrected without reading those of the other; what both need is about Kubernetes or about plans, and lies above them.',
      severity: 'error',
      from: { path: '^src/domain/rollout/(linkerd|istio)[^/]*/' },
      to: { path: '^src/domain/rollout/(?:linkerd|istio)[^/]*/', pathNot: '^src/domain/rollout/$1[^/]*/' },
    },
    {
      name: 'checks-do-not-know-each-other',
      comment:
        'A check stands alone, so that one can be added, waived or removed without changing what another finds; what several need lies above them.',
      severity: 'error',
      from: { path: '^src/domain/checks/([^/]+/[^/]+)\\.ts$' },
      to: { path: '^src/domain/checks/[^/]+/', pathNot: '^src/domain/checks/$1\\.ts$' },
    },
    {
      name: 'app-sees-ports-not-adapters',
      comment:
        'A use-case is told what it may do by interfaces, so that files, a cluster and a test serve it alike; only wiring.ts picks adapters.',
      severity: 'error',
      from: { path: '^src/app/' },
      to: {
        path: '^(?:src/(?:adapters|render|schema|commands|prompts|hooks)/|src/(?:wiring|base-command)\\.ts|node_modules/)',
      },
    },
    {
      name: 'app-does-no-io',
      comment: 'A use-case that opened a file itself could not be tested or replayed from a snapshot.',
      severity: 'error',
      from: { path: '^src/app/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'adapters-stay-apart',
      comment:
        'Each adapter touches one outside thing and is loaded only when that is needed; reading YAML is what several share.',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/[^/]+/', pathNot: '^src/adapters/(?:$1|yaml)/' },
    },
    {
      name: 'yaml-stands-alone',
      comment: 'The other adapters may use adapters/yaml, so it must not use them.',
      severity: 'error',
      from: { path: '^src/adapters/yaml/' },
      to: { path: '^src/adapters/(?!yaml/)' },
    },
    {
      name: 'adapters-face-the-domain',
      comment:
        'An adapter brings the outside to the domain; it may implement the ports of app/, and knows nothing of rendering or of commands.',
      severity: 'error',
      from: { path: '^src/adapters/' },
      to: {
        path: '^src/(?:app|render|schema|commands|prompts|hooks)/|^src/(?:wiring|base-command)\\.ts',
        pathNot: '^src/app/(?:ports\\.ts|ports/)',
      },
    },
    {
      name: 'render-does-no-io',
      comment:
        'A renderer turns a result into text: it reads and writes nothing, and needs no package but the one for terminal colours.',
      severity: 'error',
      from: { path: '^src/render/' },
      to: { pathNot: '^(?:src/(?:render|domain|lib)/|node_modules/ansis/)' },
    },
    {
      name: 'schema-describes-contracts',
      comment: 'The schemas describe what the domain gives out, in zod and nothing else.',
      severity: 'error',
      from: { path: '^src/schema/' },
      to: { pathNot: '^(?:src/(?:schema|domain|lib)/|node_modules/zod/)' },
    },
    {
      name: 'commands-go-through-wiring',
      comment:
        'A command reads flags, calls one use-case and prints its result; which adapter serves it is for wiring.ts to say, in one place.',
      severity: 'error',
      from: { path: '^src/(?:commands|prompts|hooks)/' },
      to: { path: '^src/adapters/' },
    },
    {
      name: 'commands-are-the-top',
      comment: 'Nothing below a command may need one, or the program could not be used without its command line.',
      severity: 'error',
      from: { path: '^src/(?!commands/)' },
      to: { path: '^src/commands/' },
    },
    {
      name: 'k8s-client-in-one-place',
      comment: 'The Kubernetes client costs half a second to load and has traps of its own: adapters/kube knows them.',
      severity: 'error',
      from: { pathNot: '^src/adapters/kube/' },
      to: { path: 'node_modules/@kubernetes/' },
    },
    {
      name: 'yaml-in-one-place',
      comment:
        'YAML is read as kubectl reads it and written so that kubectl reads it back: adapters/yaml is the only place that knows how.',
      severity: 'error',
      from: { pathNot: '^(?:src/adapters/yaml|test)/' },
      to: { path: 'node_modules/(?:yaml|js-yaml)/' },
    },
    {
      name: 'templates-in-one-place',
      comment: 'Handlebars writes prose only; adapters/templates sets it up so that data cannot become markup.',
      severity: 'error',
      from: { pathNot: '^src/adapters/templates/' },
      to: { path: 'node_modules/handlebars/' },
    },
    {
      name: 'no-circular',
      comment: 'Two files that need each other are one file, or hide a third that both need.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nothing uses is dead, or is missing from its list.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: ['^src/(?:commands|hooks)/', '\\.d\\.ts$'],
      },
      to: {},
    },
    {
      name: 'not-to-dev-dep',
      comment: 'Whoever installs the package does not get its devDependencies.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'type-only'] },
    },
    {
      name: 'not-to-test',
      comment: 'Tests are not shipped, so nothing that is shipped may need them.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^test/' },
    },
    {
      name: 'resolvable',
      comment:
        'What cannot be resolved here cannot be loaded by those who install it, and the other rules would not see it.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
