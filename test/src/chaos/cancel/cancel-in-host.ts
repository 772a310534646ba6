import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CONTAINMENT_VARIABLE,
  type ContainmentChoice,
  type CourierMessage,
  createJobFolder,
  JOURNAL,
  JournalReader,
  type SpareMessage,
} from '@go-agent/agent';
import { describeError, systemClock, withDeadline } from '@go-agent/runtime/core';
import { type TreeKind, waitFor } from '@go-agent/runtime/testing';
import type { CancelOutcome } from './cancel-outcome.ts';
import { jobForHost } from './job-for-host.ts';
import { endSurvivors, markedScript } from './marked-tree.ts';

export interface HostRun {
  /** The job host's module. */
  readonly entry: string;
  /** A new folder. */
  readonly home: string;
  readonly index: number;
  readonly kind: TreeKind;
  readonly mark: string;
  readonly level: ContainmentChoice;
  readonly graceMs: number;
  /** `ready`: once the tree stands; else so many milliseconds after the job's first console line. Then `pauseMs` more. */
  readonly moment: 'ready' | 'early';
  readonly pauseMs: number;
  /** Look for survivors at the end of the host, and not one second after the grace. */
  readonly untimed: boolean;
}

const NEVER = new AbortController().signal;
const SETTLE_MS = 1000;
const EXIT_MS = 60_000;

/** One job of a real job host, cancelled over its socket as a courier would. */
export async function cancelInHost(run: HostRun): Promise<CancelOutcome> {
  const { home, index, kind, mark, level, graceMs, entry, untimed } = run;
  await mkdir(home);
  const scripts = [markedScript(kind, mark), `echo waits; exec sleep ${mark}`];
  const folder = createJobFolder(
    home,
    jobForHost({ home, buildId: index + 1, scripts, graceMs, hidden: [CONTAINMENT_VARIABLE] }),
  );
  const host = spawn(process.execPath, [entry], {
    cwd: home,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      TMPDIR: tmpdir(),
      TREE: mark,
      [CONTAINMENT_VARIABLE]: level,
    },
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const exited = once(host, 'exit');
  const hosts = host.pid === undefined ? [] : [host.pid];
  let survivors: readonly string[] = [];
  try {
    host.stdin.end(`${JSON.stringify({ journal: folder } satisfies SpareMessage)}\n`);
    await untilMoment(folder, run);
    await cancel(folder);
    if (untimed) await withDeadline(() => exited, EXIT_MS, systemClock);
    else await systemClock.sleep(graceMs + SETTLE_MS, NEVER);
    survivors = endSurvivors(mark, hosts);
    const [code] = await withDeadline(() => exited, EXIT_MS, systemClock);
    const events = await new JournalReader(folder).readEvents();
    const [first] = events;
    const last = events.at(-1);
    const fault = faultOf(code, last?.type === 'completed' ? last.result : last?.type);
    return {
      kind: kind.name,
      level: first?.type === 'started' ? first.containment : 'unknown',
      survivors,
      ...(fault === undefined ? {} : { fault }),
    };
  } catch (error) {
    host.kill('SIGKILL');
    return { kind: kind.name, level: 'unknown', survivors, fault: describeError(error) };
  } finally {
    endSurvivors(mark);
  }
}

async function untilMoment(folder: string, { moment, pauseMs }: HostRun): Promise<void> {
  const path = join(folder, JOURNAL.console);
  await waitFor(
    async () => {
      const console = await readFile(path, 'utf8').catch(() => undefined);
      return moment === 'early' ? console !== undefined : console?.includes(' ready\n');
    },
    { timeoutMs: 60_000, intervalMs: 10, describe: `the tree of ${folder}` },
  );
  await systemClock.sleep(pauseMs, NEVER);
}

async function cancel(folder: string): Promise<void> {
  const path = join(folder, JOURNAL.hostSocket);
  // The journal is begun some milliseconds before the host listens.
  const socket = await waitFor(() => tryConnect(path), { describe: path });
  const message: CourierMessage = { type: 'cancel', reason: 'cancelled' };
  socket.on('error', () => socket.destroy());
  socket.write(`${JSON.stringify(message)}\n`);
  // The host's words are not needed, but it must not wait for a reader.
  socket.resume();
}

async function tryConnect(path: string): Promise<Socket> {
  const socket = connect(path);
  await once(socket, 'connect');
  return socket;
}

function faultOf(code: unknown, end: string | undefined): string | undefined {
  if (code !== 0) return `the job host ended with ${String(code)}`;
  return end === 'Cancelled' ? undefined : `the job ended as ${String(end)}`;
}
