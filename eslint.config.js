import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const noEnum = { selector: 'TSEnumDeclaration', message: 'use a union of string literals' };
const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'export by name; only oclif commands and configuration files have a default export',
};
const noLocale = {
  selector: "MemberExpression[property.name='localeCompare']",
  message: 'the order must not depend on a locale: use src/lib/order.ts',
};
const noClock = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0]",
  message: 'time is an argument: the same world must give the same answer',
};
const noClass = { selector: 'ClassDeclaration', message: 'the domain is functions over readonly data' };

const everywhere = {
  eqeqeq: 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  'no-eval': 'error',
  'no-param-reassign': 'error',
  'no-promise-executor-return': 'error',
  'no-template-curly-in-string': 'error',
  'max-params': ['error', { max: 3 }],
  'max-lines': ['error', { max: 250, skipBlankLines: false, skipComments: false }],
};

const typed = {
  '@typescript-eslint/max-params': 'off',
  '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { requireDefaultForNonUnion: true }],
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
  '@typescript-eslint/consistent-type-exports': 'error',
  // By code point is what is meant: names are compared and cut by code point, never by grapheme.
  '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
  '@typescript-eslint/explicit-module-boundary-types': 'error',
  '@typescript-eslint/strict-boolean-expressions': ['error', { allowNullableObject: true, allowString: false }],
};

const domainGlobals = [
  'console',
  'process',
  'fetch',
  'setTimeout',
  'setInterval',
  'performance',
  'crypto',
  'globalThis',
];

export default defineConfig(
  {
    ignores: ['dist/', 'coverage/', 'demo-rollout/', 'test/golden/', 'test/cases/', 'schemas/', 'docs/', 'templates/'],
  },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  { rules: everywhere },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: { ...typed, 'no-restricted-syntax': ['error', noEnum, noLocale, noDefaultExport] },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'max-lines-per-function': ['error', { max: 50 }],
      'no-console': 'error',
      complexity: ['error', { max: 20, variant: 'modified' }],
    },
  },
  {
    files: ['src/domain/**/*.ts', 'src/lib/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: noClock.message },
        { object: 'Math', property: 'random', message: 'take a seeded generator as an argument' },
      ],
      'no-restricted-globals': [
        'error',
        ...domainGlobals.map((name) => ({ name, message: 'the domain is pure: it is given what it needs' })),
      ],
    },
  },
  {
    files: ['src/domain/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', noEnum, noLocale, noDefaultExport, noClock, noClass] },
  },
  {
    files: ['src/commands/**/*.ts', '**/*.config.ts'],
    rules: { 'no-restricted-syntax': ['error', noEnum, noLocale] },
  },
  {
    files: ['test/**/*.ts'],
    // Tables of cases are long without being hard to read.
    rules: { 'max-lines': ['error', { max: 400 }], '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
);
