import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ExitCode } from '@go-agent/protocol/launch-contract';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { commandWorld, quiet } from '../testing/command-world.ts';

const PROBLEM = 'http://127.0.0.1:1/go has not accepted this agent yet: there is no key in /nope';

const hasTerminals = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux');

/** As `quiet`, with an agent that says this of itself. */
function saying(agent: object): string {
  const said = `control.report({ phase: 'running', detail: 'ready', agent: ${JSON.stringify(agent)} });`;
  return quiet
    .replace('await untilStopped', `${said}\n  await untilStopped`)
    .replace(/^.*state: 'idle'.*$/m, '');
}

const REFUSED = saying({ connected: false, state: 'registering', problem: 'there is no key in /nope' });

test('start says of an agent that runs why it cannot work yet', async () => {
  await using go = await commandWorld(REFUSED);
  const { code, out } = await go.start();
  expect(code).toBe(ExitCode.ok);
  expect(out).toMatch(/^go-agent runs in .*, but cannot work yet; it goes on trying\. go-agent doctor /);
  expect(out).toContain(`\nProblem: ${PROBLEM}\n`);
});

test('start says that the server has accepted the agent, or that it has not answered yet', async () => {
  await using good = await commandWorld();
  expect((await good.start()).out).toMatch(/^go-agent runs in .*, and is registered with http.*\/go\.$/m);
  await using slow = await commandWorld(saying({ connected: false, state: 'registering' }));
  expect((await slow.start()).out).toMatch(
    /^go-agent runs in .*\/go has not answered it yet; see go-agent status/,
  );
});

test('without a terminal run says on stderr what keeps the agent from working, and nothing else', async () => {
  await using go = await commandWorld(REFUSED);
  const child = go.spawnRun();
  const printed = Promise.all([text(child.stdout), text(child.stderr)]);
  await go.running();
  child.kill('SIGINT');
  await once(child, 'exit');
  expect(await printed).toEqual(['', `go-agent: ${PROBLEM}\n`]);
});

test.skipIf(!hasTerminals)(
  'in a terminal run says ready only once the server has accepted the agent',
  async () => {
    await using refused = await commandWorld(REFUSED);
    await using good = await commandWorld();
    const [withProblem, ready] = [await inTerminal(refused), await inTerminal(good)];
    expect(withProblem).toContain(`Problem: ${PROBLEM}`);
    expect(withProblem).toContain('Launcher: running: the agent runs, and turns to its server');
    expect(withProblem).not.toMatch(/ready/i);
    expect(ready).toMatch(/^\d\d:\d\d:\d\d Ready: the agent is registered with http/m);
  },
);

/** All that a run prints in a terminal until its first word on the server. */
async function inTerminal(go: Awaited<ReturnType<typeof commandWorld>>): Promise<string> {
  const terminal = spawn('script', ['--quiet', '--command', `exec ${go.runCommand.join(' ')}`, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let printed = '';
  terminal.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  await waitFor(() => /Problem|Ready/.test(printed));
  const { process: run } = await go.running();
  const closed = once(terminal, 'close');
  process.kill(run.pid, 'SIGINT');
  await closed;
  return printed;
}

test('a disk that runs full fills neither the log nor what start has put beside it', async () => {
  await using go = await commandWorld(
    quiet.replace(
      'await untilStopped',
      `for (let look = 0; look < 200; look += 1) {
        const notAskingBecause = (5e8 - look * 4096) + ' of at least 1000000000 bytes are free';
        control.report({ phase: 'running', agent: { connected: true, state: 'full', notAskingBecause } });
      }
      control.report({ phase: 'running', detail: 'all said', agent: { connected: true, state: 'idle' } });
      await untilStopped`,
    ),
  );
  await go.start();
  await waitFor(async () => (await go.status())?.detail === 'all said');
  for (const file of ['go-agent-bootstrapper.out', 'go-agent-bootstrapper.log'])
    expect(readFileSync(join(go.home, 'logs', file), 'utf8').match(/No work is asked for/g)).toHaveLength(1);
});
