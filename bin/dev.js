#!/usr/bin/env node
// Runs the built commands as bin/run.js does, with the development plugins (snapshot, schema) and errors with their stack.
import { execute, settings } from '@oclif/core';

// oclif would look for a TypeScript loader; the commands are compiled by `npm run build`.
settings.enableAutoTranspile = false;

await execute({ development: true, dir: import.meta.url });
