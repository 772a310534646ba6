import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { homeFiles } from '../home-files.ts';
import { commandWorld } from '../testing/command-world.ts';
import type { StartMessage } from './context.ts';

test('whoever has started a run is told of each phase once the status says so', async () => {
  await using go = await commandWorld();
  const [command = '', ...args] = go.runCommand;
  const child = spawn(command, args, { cwd: go.folder, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const exited = once(child, 'exit');
  const { promise: told, resolve } = Promise.withResolvers<string>();
  child.on('message', (message: StartMessage) => {
    if (message.type === 'phase' && message.phase === 'running')
      resolve(readFileSync(homeFiles(go.home).status, 'utf8'));
  });
  expect(JSON.parse(await told)).toMatchObject({ phase: 'running', process: { pid: child.pid } });
  child.kill('SIGTERM');
  await exited;
});
