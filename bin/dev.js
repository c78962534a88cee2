#!/usr/bin/env -S npx tsx
// Runs the commands from src/ without a build, for people who work on meshwise.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { execute } from '@oclif/core';

const root = new URL('../', import.meta.url);
const source = readFileSync(new URL('package.json', root), 'utf8').replaceAll('"./dist/', '"./src/');

await execute({ loadOptions: { root: fileURLToPath(root), pjson: JSON.parse(source), ignoreManifest: true } });
