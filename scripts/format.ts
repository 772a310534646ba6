// `npm run format`: rewrites what the formatter and the fixable lint rules can put right by themselves.
import { spawnSync } from 'node:child_process';
import { readOptions } from './read-options.ts';

readOptions(
  'Rewrites what the formatter and the fixable lint rules can put right by themselves.\n\nExample: npm run format',
  {},
);

const done = spawnSync('biome', ['check', '--write', '.'], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
process.exitCode = done.status ?? 1;
