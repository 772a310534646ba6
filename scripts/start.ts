// `npm start [-- --once]`: a server, an agent, and a pipeline that builds this repository. See README.md.
import { dirname, join } from 'node:path';
import { ensureBuilt } from './build.ts';
import { readOptions } from './read-options.ts';
import { PIPELINE, prepareLayout } from './start/layout.ts';
import { triggerOwnRun } from './start/own-run.ts';
import {
  adminToken,
  type Ports,
  ProcessEnded,
  type Running,
  startAgent,
  startServer,
  stopAll,
} from './start/processes.ts';
import { followPipeline, type PipelineEnd } from './start/progress.ts';

const HELP = `Starts go-server on http://127.0.0.1:8153/go, one agent, and a pipeline that builds this repository.

Usage: npm start [-- --once] [--elastic]

  --once      stop everything when the pipeline has ended; exit status 0 only if it passed with the newest commit
  --elastic   no agent is there: each is made when a job needs one (examples/elastic/process.gocd.yaml)

Ports: GO_SERVER_PORT (8153) and GO_SERVER_TLS_PORT (8154). State: ./var (may be deleted while nothing runs).
A run that an interrupted start has left is cancelled. Exit codes: 0 passed, 1 failed, 2 wrong usage, 130 interrupted
Example: GO_SERVER_PORT=9153 GO_SERVER_TLS_PORT=9154 npm start -- --once`;

const root = dirname(import.meta.dirname);
const values = readOptions(HELP, { once: { type: 'boolean' }, elastic: { type: 'boolean' } });

async function main(): Promise<number> {
  const ports = { http: port('GO_SERVER_PORT', 8153), tls: port('GO_SERVER_TLS_PORT', 8154) };
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort(signal));
  const running: Running[] = [];
  try {
    return await runUntilStopped(ports, running, stop);
  } catch (error) {
    if (stop.signal.aborted) return 130;
    throw error;
  } finally {
    if (running.length > 0) console.log('\nStopping ...');
    await stopAll(running, 40_000);
  }
}

async function runUntilStopped(ports: Ports, running: Running[], stop: AbortController): Promise<number> {
  console.log('Building the bundles ...');
  const { goAgent, bundles } = await ensureBuilt();
  const once = values.once === true;
  const elastic = values.elastic === true;
  const layout = prepareLayout(root, { pollForCommits: !once, elastic });
  const startedAt = once ? Infinity : Date.now();
  console.log('Starting the server ...');
  const plugins = elastic ? join(root, 'elastic', 'src') : undefined;
  const server = await startServer(root, layout, ports, bundles, plugins);
  running.push(server);
  const serverUrl = `http://127.0.0.1:${ports.http}/go`;
  const ended = Promise.withResolvers<PipelineEnd>();
  const connected = Promise.withResolvers<void>();
  let earlier = 0;
  const following = followPipeline(
    {
      serverUrl,
      pipeline: PIPELINE,
      lastStage: 'package',
      isEarlier: (counter) => counter <= earlier,
      signal: stop.signal,
      print: (line) => console.log(line),
      onEnd: (end) => (once ? ended.resolve(end) : undefined),
      onProblem: (problem) => (once ? ended.reject(new Error(problem)) : undefined),
    },
    connected.resolve,
  );
  const aborted = new Promise<never>((_, reject) => {
    stop.signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
  });
  aborted.catch(() => undefined);
  const over = Promise.race([server.ended, aborted, following.then(() => aborted)]);
  await Promise.race([connected.promise, over]);
  const ownRun = triggerOwnRun({
    serverUrl,
    token: adminToken(layout),
    pipeline: PIPELINE,
    startedAt,
    print: (line) => console.log(line),
    onEarlier: (counter) => {
      earlier = counter;
    },
  });
  await Promise.race([ownRun, over]);
  // Not before: the server may have a job for it at once, of an earlier start, or one whose beginning nobody would see.
  if (!elastic) {
    console.log('Starting the agent ...');
    running.push(startAgent(goAgent, layout, serverUrl));
  }
  const end = await Promise.race([ended.promise, over, ...running.map(({ ended }) => ended)]);
  stop.abort('ended');
  await following;
  console.log(`\n${PIPELINE} ${end.counter}: ${end.passed ? 'passed' : 'failed'}`);
  return end.passed ? 0 : 1;
}

/** @throws Error if the variable is set and is no port. */
function port(name: string, fallback: number): number {
  const text = process.env[name] ?? String(fallback);
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value < 65536) return value;
  throw new Error(`${name} is "${text}", which is no port. Give a number from 1 to 65535.`);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof ProcessEnded || error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
