import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shellTask, stageOf } from './harness/pipeline-words.ts';
import { startSystem } from './harness/start-system.ts';
import type { TestAgent } from './harness/test-agent.ts';

interface Health {
  readonly status: string;
  readonly problems: readonly string[];
  readonly agent?: {
    readonly connected: boolean;
    readonly state: string;
    readonly notAskingBecause?: string;
  };
}

/** By a new connection each time, as a probe does it. */
async function get(url: string): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(url, { headers: { connection: 'close' } });
  return { status: answer.status, text: await answer.text() };
}

function listensAt(agent: TestAgent): string | undefined {
  return /Health is told at (http:\/\/[^/]+)\/health/.exec(agent.log('bootstrapper'))?.[1];
}

test('health is told over HTTP as the stock agent does it, in JSON, and as metrics; and follows the truth', async () => {
  await using system = await startSystem({ agentArgs: ['--health-listen', '127.0.0.1:0'] });
  const { agent } = system;
  const url = listensAt(agent) ?? '';
  const connected = `${url}/health/v1/isConnectedToServer`;
  await system.wait(async () => (await get(connected)).text === 'OK!', {
    describe: 'the agent to be connected',
  });
  const { status, text } = await get(`${url}/health`);
  const health = JSON.parse(text) as Health;
  expect(status).toBe(200);
  expect(health).toMatchObject({
    status: 'ok',
    problems: [],
    phase: 'running',
    agent: { state: 'idle', connected: true, answers: true, guid: agent.guid() },
  });
  expect((await get(`${url}/metrics`)).text).toContain('go_agent_state{state="idle"} 1\n');
  const { output } = await agent.go('status', '--json');
  expect(JSON.parse(output)).toMatchObject({
    running: true,
    health: { status: 'ok', agent: { state: 'idle' } },
  });

  await system.server.kill();
  await system.wait(async () => (await get(connected)).status === 503, {
    describe: 'the contact to be lost',
  });
  expect((await get(connected)).text).toBe('Bad!');
  const lost = JSON.parse((await get(`${url}/health`)).text) as Health;
  expect(lost.problems.join()).toContain('No contact with');
  expect((await agent.go('status')).output).toContain('Problem:      No contact with');
  await system.server.start();
  await system.wait(async () => (await get(connected)).status === 200, {
    describe: 'the contact to be back',
  });
});

test('two agents with one port for their health: the second says so and works nevertheless', async () => {
  await using system = await startSystem({ agentArgs: ['--health-listen', '127.0.0.1:0'] });
  const port = new URL(listensAt(system.agent) ?? '').port;
  const second = system.addAgent(['--health-listen', `127.0.0.1:${port}`]);
  await second.run();
  await system.waitForIdle(second);
  expect((await second.go('status')).output).toMatch(/Problem: +health-listen: .*EADDRINUSE/);
});

test('an agent process that is stuck is told from one that works, and replaced by a restart', async () => {
  await using system = await startSystem();
  const { agent } = system;
  const pid = await agent.agentPid();
  process.kill(pid, 'SIGSTOP');
  expect((await agent.go('status')).output).toContain('does not answer');
  expect((await agent.go('restart')).status).toBe(0);
  expect(await agent.agentPid(pid)).not.toBe(pid);
  await system.waitForIdle();
});

/** Absent where this user may not mount. */
function mountAt(folder: string, options: string): Disposable | undefined {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return { [Symbol.dispose]: () => void execFileSync('umount', ['-l', '-R', folder]) };
}

const isRoot = process.getuid?.() === 0;

test.runIf(isRoot).each<[string, (home: string) => void, (home: string) => void]>([
  [
    'of at least 100000000 bytes are free',
    (home) => void execFileSync('sh', ['-c', `head -c 300m /dev/zero > ${home}/ballast 2>/dev/null || true`]),
    (home) => rmSync(join(home, 'ballast')),
  ],
  [
    'inodes are free',
    (home) => {
      mkdirSync(join(home, 'many'));
      try {
        for (let i = 0; ; i++) writeFileSync(join(home, 'many', String(i)), '');
      } catch {
        // Now they are used up.
      }
    },
    (home) => rmSync(join(home, 'many'), { recursive: true }),
  ],
  [
    'read-only',
    (home) => {
      // Not all of the home: a file system in which files are open for writing is not remounted by hand.
      const pipelines = join(home, 'pipelines');
      execFileSync('mount', ['--bind', pipelines, pipelines]);
      execFileSync('mount', ['-o', 'remount,ro,bind', pipelines]);
    },
    // Lazily: the agent may look at it just now.
    (home) => void execFileSync('umount', ['-l', join(home, 'pipelines')]),
  ],
])(
  'a home folder with a fault stops the agent from asking for work, and no longer than that: %s',
  async (reason, hurt, heal) => {
    await using system = await startSystem({ agents: 0 });
    const agent = system.addAgent(['--set', 'disk-limit=100000000']);
    using mount = mountAt(agent.home, 'size=200m,nr_inodes=5000');
    if (mount === undefined) {
      console.log(`Not tested here: this user may not mount (${reason})`);
      return;
    }
    await using _running = await agent.run();
    await system.waitForIdle(agent);
    await system.definePipeline('after', [stageOf('only', 'one', [shellTask('true')])]);
    const pid = await agent.agentPid();
    hurt(agent.home);
    const health = async () =>
      (JSON.parse((await agent.go('status', '--json')).output) as { health?: Health }).health;
    const why = await system.wait(async () => (await health())?.agent?.notAskingBecause, {
      describe: 'the agent to say what is wrong',
      intervalMs: 100,
    });
    expect(why).toContain(reason);
    const counter = await system.trigger('after');
    expect((await system.stage('after', counter, 'only')).jobs[0]?.state).toBe('Scheduled');
    heal(agent.home);
    await system.waitForPass('after', counter, 'only');
    expect((await health())?.problems).toEqual([]);
    expect(await agent.agentPid()).toBe(pid);
    // What could not be written is not in the log either.
    expect(agent.log('agent').split('No work is asked for').length - 1).toBeLessThanOrEqual(1);
  },
);
