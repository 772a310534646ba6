import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, '../main.ts');

function startIn(folder: string) {
  const child = spawn(
    process.execPath,
    [MAIN, 'start', '--json', '--port', '0', '--tls-port', 'off', '--data', 'data'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  return { child, problem: text(child.stderr), ended: once(child, 'exit') };
}

async function ready({ child, problem }: ReturnType<typeof startIn>): Promise<void> {
  const line = once(createInterface({ input: child.stdout }), 'line');
  const failed = problem.then((said) => Promise.reject(new Error(said)));
  await Promise.race([line, failed]);
  failed.catch(() => undefined);
}

async function end(child: ChildProcess, ended: Promise<unknown>, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  await ended;
}

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

test('a second server on the same data is refused and touches nothing; a killed one leaves nothing that refuses', async () => {
  await using folder = await tempDir();
  const upload = join(folder.path, 'data/artifacts/incoming/upload');
  const first = startIn(folder.path);
  try {
    await ready(first);
    await writeFile(upload, 'half of it');
    const second = startIn(folder.path);
    await ready(second).then(
      () => second.child.kill('SIGKILL'),
      () => undefined,
    );
    expect(await second.ended).toEqual([1, null]);
    const problem = await second.problem;
    expect(problem).toContain(`Another go-server (process ${first.child.pid})`);
    expect(problem).toContain('--data');
    expect(await readFile(upload, 'utf8')).toBe('half of it');
  } finally {
    await end(first.child, first.ended, 'SIGKILL');
  }
  const third = startIn(folder.path);
  try {
    await ready(third);
    await expect(stat(upload)).rejects.toMatchObject({ code: 'ENOENT' });
  } finally {
    await end(third.child, third.ended, 'SIGTERM');
  }
  expect(await third.ended).toEqual([0, null]);
});

test('the data folder is for the server alone, also one that was there before or that an older server has left open', async () => {
  await using folder = await tempDir();
  const data = join(folder.path, 'data');
  await mkdir(data, { mode: 0o755 });
  const start = async () => {
    const server = startIn(folder.path);
    try {
      await ready(server);
    } finally {
      await end(server.child, server.ended, 'SIGTERM');
    }
  };
  await start();
  expect(await modeOf(data)).toBe('700');
  await rm(data, { recursive: true });
  await start();
  expect(await modeOf(data)).toBe('700');
  await chmod(data, 0o755);
  await start();
  expect(await modeOf(data)).toBe('700');
  expect(await readFile(join(data, 'logs/go-server.log'), 'utf8')).toContain(
    'The data folder could be used by others (mode 755); it is 700 now',
  );
});

test('a folder of something else keeps its rights, and the log warns of them', async () => {
  await using folder = await tempDir();
  const data = join(folder.path, 'data');
  await mkdir(join(data, 'of-somebody'), { recursive: true });
  await chmod(data, 0o755);
  const server = startIn(folder.path);
  try {
    await ready(server);
  } finally {
    await end(server.child, server.ended, 'SIGTERM');
  }
  expect(await modeOf(data)).toBe('755');
  expect(await readFile(join(data, 'logs/go-server.log'), 'utf8')).toContain(
    'The data folder can be used by others (mode 755)',
  );
});
