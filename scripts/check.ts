// `npm run check`: format, lint, types, unused code. Silent when all is well, every finding otherwise.
import { spawnSync } from 'node:child_process';
import { readOptions } from './read-options.ts';

readOptions(
  'Format, lint, types and unused code. Silent when all is well, every finding otherwise.\n\nExample: npm run check',
  {},
);

const steps = [
  ['biome', 'check', '--error-on-warnings', '--reporter=summary', '.'],
  ['oxlint', '--type-aware', '--deny-warnings', '--quiet', '.'],
  ['tsc', '-p', 'tsconfig.json'],
  ['knip'],
] as const;

let failed = 0;
for (const [command, ...args] of steps) {
  const done = spawnSync(command, args, { encoding: 'utf8', shell: process.platform === 'win32' });
  if (done.status === 0) continue;
  failed++;
  console.error(
    `${command} ${args.join(' ')} found:\n${done.stdout}${done.stderr}${done.error?.message ?? ''}`,
  );
}
process.exitCode = failed > 0 ? 1 : 0;
