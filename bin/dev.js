#!/usr/bin/env node
// Runs the commands from src/, with the development plugins (snapshot, schema) and errors with their stack. Node runs the
// TypeScript as it is, so there is nothing to build, and no old lib/ to be misled by.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execute, settings } from '@oclif/core';

// oclif would look for a TypeScript loader.
settings.enableAutoTranspile = false;

const inSources = (text) => text.replaceAll('"./lib/', '"./src/');
const pjson = JSON.parse(inSources(readFileSync(new URL('../package.json', import.meta.url), 'utf8')));

await execute({
  development: true,
  loadOptions: { root: fileURLToPath(new URL('..', import.meta.url)), pjson },
});
