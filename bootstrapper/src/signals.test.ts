import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ExitCode } from '@go-agent/protocol/launch-contract';
import { isAlive } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { homeFiles } from './home-files.ts';
import { commandWorld } from './testing/command-world.ts';

type World = Awaited<ReturnType<typeof commandWorld>>;

/** A run that is held up on its way up, where it reads its settings, until it has got the signal. */
async function signalledEarly(go: World, signal: NodeJS.Signals) {
  const file = join(go.folder, 'settings');
  execFileSync('mkfifo', [file]);
  const child = go.spawnRun({ ...process.env, GO_AGENT_ENV_FILE: file });
  const settings = await open(file, 'w');
  await writeFile(`${file}.later`, '');
  await rename(`${file}.later`, file);
  const exited = once(child, 'exit');
  child.kill(signal);
  await settings.close();
  return { child, exited };
}

test('a SIGTERM that comes before there is anything to end is not lost', async () => {
  await using go = await commandWorld();
  const { exited } = await signalledEarly(go, 'SIGTERM');
  expect(await exited).toEqual([ExitCode.ok, null]);
});

test('a SIGHUP that comes early ends nothing', async () => {
  await using go = await commandWorld();
  const { child, exited } = await signalledEarly(go, 'SIGHUP');
  await go.running();
  child.kill('SIGTERM');
  expect(await exited).toEqual([ExitCode.ok, null]);
});

test('a command whose output nobody reads any more ends without a word', async () => {
  await using go = await commandWorld();
  await mkdir(join(go.home, 'logs'), { recursive: true });
  await writeFile(homeFiles(go.home).log('agent'), 'one\ntwo\n');
  const child = go.spawnCommand(['logs', '-f', '--home', go.home]);
  child.stdout.destroy();
  const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect([err, code]).toEqual(['', ExitCode.ok]);
});

/** That of util-linux; others take other options. */
const hasTerminals = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux');

const noTerminals = hasTerminals === true ? '' : " (skipped: there is no util-linux' script(1) here)";

test.skipIf(noTerminals)(`a run whose terminal is closed ends the agent properly${noTerminals}`, async () => {
  await using go = await commandWorld();
  const command = go.runCommand.map((word) => `'${word}'`).join(' ');
  const terminal = spawn('script', ['--quiet', '--command', command, '/dev/null'], { stdio: 'pipe' });
  const { process: running } = (await go.running()) ?? {};
  terminal.kill('SIGKILL');
  await waitFor(() => running !== undefined && !isAlive(running));
  expect(await readFile(homeFiles(go.home).log('bootstrapper'), 'utf8')).toContain('go-agent has stopped');
});
