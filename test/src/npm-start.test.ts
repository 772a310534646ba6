// The product's main job on a fresh clone of this repository, installation and all: it builds the project in its own pipeline. Its unit
// tests run beside this one already, so there it runs a few of them.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { systemClock, withDeadline } from '@go-agent/runtime/core';
import { type TempDir, tempDir, waitFor } from '@go-agent/runtime/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endLeftovers } from './harness/end-leftovers.ts';
import { freePort } from './harness/free-port.ts';
import { startProcess, type TestProcess } from './harness/process.ts';

const root = dirname(dirname(import.meta.dirname));
const MINUTE = 60_000;
const GIT_USER = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com'];

let folder: TempDir;
let clone: string;

beforeAll(async () => {
  folder = await tempDir();
  clone = join(folder.path, 'clone');
  execFileSync('git', ['clone', '--quiet', `file://${root}`, clone]);
});

afterAll(async () => {
  await using _removed = folder;
  await endLeftovers(folder.path);
});

interface Ports {
  readonly http: number;
  readonly tls: number;
}

async function freePorts(): Promise<Ports> {
  return { http: await freePort(), tls: await freePort() };
}

/** As from a terminal: in a process group of its own, with the PATH of whoever has just cloned. */
function npmStart(ports: Ports, ...args: string[]): TestProcess {
  const own = (part: string) => part.endsWith(join('node_modules', '.bin'));
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((part) => !own(part));
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VITEST|npm_|NODE_|GO_)/.test(name));
  return startProcess('npm', ['start', '--', ...args], {
    cwd: clone,
    detached: true,
    env: {
      ...Object.fromEntries(inherited),
      PATH: path.join(delimiter),
      GO_SERVER_PORT: String(ports.http),
      GO_SERVER_TLS_PORT: String(ports.tls),
      SCENARIO: folder.path,
      TEST_ONLY: 'protocol/src',
    },
  });
}

/** The end of the output, without the lines of the tests that passed. */
function whatMatters(output: string): string {
  const lines = output.split('\n').filter((line) => !line.includes('✓'));
  return lines.slice(-120).join('\n');
}

async function expectToPass(run: TestProcess): Promise<void> {
  const status = await withDeadline(() => run.exited, 20 * MINUTE, systemClock);
  expect(status, whatMatters(run.output())).toBe(0);
  expect(run.output()).toMatch(/verify: passed in/);
  expect(run.output()).toMatch(/package: passed in/);
  await endLeftovers(folder.path);
}

test(
  'npm start -- --once on a fresh clone builds the clone and leaves no process',
  async () => {
    await using run = npmStart(await freePorts(), '--once');
    await expectToPass(run);
  },
  21 * MINUTE,
);

test(
  'npm start -- --once does so a second time, on what the first run has left',
  async () => {
    await using run = npmStart(await freePorts(), '--once');
    await expectToPass(run);
  },
  21 * MINUTE,
);

test(
  'a port that is taken is a clear error',
  async () => {
    const ports = await freePorts();
    const squatter = createServer().listen(ports.http, '127.0.0.1');
    await once(squatter, 'listening');
    try {
      await using run = npmStart(ports, '--once');
      expect(await withDeadline(() => run.exited, 10 * MINUTE, systemClock)).toBe(1);
      expect(run.output()).toContain(String(ports.http));
      expect(run.output()).toMatch(/in use|taken/i);
      expect(run.output()).toContain('choose another port with GO_SERVER_PORT');
      expect(run.output()).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
      await endLeftovers(folder.path);
    } finally {
      squatter.close();
    }
  },
  11 * MINUTE,
);

test(
  'Ctrl-C in the midst of a job leaves no process',
  async () => {
    await using run = npmStart(await freePorts());
    const isAtWork = () =>
      run.output().includes('verify: started') && /^ {2}(check|unit) \| /m.test(run.output());
    await waitFor(() => isAtWork() || !run.isRunning(), {
      timeoutMs: 15 * MINUTE,
      describe: 'the first stage to start, and the console of a job',
    });
    expect(run.isRunning(), whatMatters(run.output())).toBe(true);
    process.kill(-run.pid, 'SIGINT');
    const status = await withDeadline(() => run.exited, 3 * MINUTE, systemClock);
    expect(status, run.output().slice(-3000)).not.toBe(0);
    await endLeftovers(folder.path);
  },
  20 * MINUTE,
);

/** Commits a pipeline with the jobs' names of the real one, whose first stage says `word` and ends only if there is such a file. */
function commitTinyPipeline(word: string): void {
  const file = join(clone, 'examples', 'go-agent.gocd.yaml');
  const [head] = readFileSync(file, 'utf8').split(/^ {4}stages:$/m);
  const stage = (name: string, job: string, script: string) => `      - ${name}:
          jobs:
            ${job}:
              tasks:
                - exec:
                    command: sh
                    arguments: [-c, '${script}']
`;
  const script = `echo commit ${word}; until test -e ${folder.path}/${word}; do sleep 0.2; done`;
  const stages = stage('verify', 'check', script) + stage('package', 'bundles', `echo packs ${word}`);
  writeFileSync(file, `${head}    stages:\n${stages}`);
  execFileSync('git', [...GIT_USER, 'commit', '--all', '--quiet', '--message', word], { cwd: clone });
}

/** Interrupts `npm start <args>` once it runs the commit's job. */
async function interruptAtWork(word: string, ...args: string[]): Promise<void> {
  await using run = npmStart(await freePorts(), ...args);
  await waitFor(() => run.output().includes(`| commit ${word}`) || !run.isRunning(), {
    timeoutMs: 10 * MINUTE,
    describe: 'the job of the commit to run',
  });
  expect(run.isRunning(), whatMatters(run.output())).toBe(true);
  process.kill(-run.pid, 'SIGINT');
  await withDeadline(() => run.exited, 3 * MINUTE, systemClock);
  await endLeftovers(folder.path);
}

test.for(['--once', '--elastic'])(
  'after an interrupted npm start -- %s, --once cancels what is left and builds the newest commit',
  { timeout: 21 * MINUTE },
  async (option) => {
    const word = `of${option}`;
    commitTinyPipeline(`old-${word}`);
    await interruptAtWork(`old-${word}`, option);
    commitTinyPipeline(`new-${word}`);
    writeFileSync(join(folder.path, `new-${word}`), '');
    await using run = npmStart(await freePorts(), '--once');
    await expectToPass(run);
    expect(run.output()).toMatch(/^Cancelled what an earlier start has left: go-agent \d+, verify$/m);
    expect(run.output()).toContain(`| packs new-${word}`);
    expect(run.output()).not.toContain(`| commit old-${word}`);
  },
);
