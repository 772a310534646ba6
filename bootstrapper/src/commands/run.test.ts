import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { homeFiles } from '../home-files.ts';
import { commandWorld, quiet } from '../testing/command-world.ts';
import type { StartMessage } from './context.ts';

test.each([
  ['each phase', 'phase', quiet],
  ['the agent', 'agent', quiet.replace(/^.*phase: 'running' \}\);$/m, '')],
])('whoever has started a run is told of %s once the status says so', async (_, type, body) => {
  await using go = await commandWorld(body);
  const [command = '', ...args] = go.runCommand;
  const child = spawn(command, args, { cwd: go.folder, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const exited = once(child, 'exit');
  const { promise: told, resolve } = Promise.withResolvers<string>();
  child.on('message', (message: StartMessage) => {
    const isDue = message.type === 'phase' ? message.phase === 'running' : message.type === 'agent';
    if (message.type === type && isDue) resolve(readFileSync(homeFiles(go.home).status, 'utf8'));
  });
  expect(JSON.parse(await told)).toMatchObject({ phase: 'running', process: { pid: child.pid } });
  child.kill('SIGTERM');
  await exited;
});
