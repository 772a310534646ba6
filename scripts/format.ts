// `npm run format`: rewrites what the formatter and the fixable lint rules can put right by themselves.
import { spawnSync } from 'node:child_process';

const done = spawnSync('biome', ['check', '--write', '.'], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
process.exitCode = done.status ?? 1;
