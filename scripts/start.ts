// `npm start [-- --once]`: a server, an agent, and a pipeline that builds this repository. See README.md.
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from './build.ts';
import { PIPELINE, prepareLayout } from './start/layout.ts';
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

  --once      stop everything when the pipeline has ended; exit status 0 only if it passed
  --elastic   no agent is there: each is made when a job needs one (examples/elastic/process.gocd.yaml)

Ports: GO_SERVER_PORT (8153) and GO_SERVER_TLS_PORT (8154). State: ./var (may be deleted while nothing runs).
Example: GO_SERVER_PORT=9153 GO_SERVER_TLS_PORT=9154 npm start -- --once`;

const root = dirname(import.meta.dirname);
const { values } = parseArgs({
  options: {
    once: { type: 'boolean' },
    elastic: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});

async function main(): Promise<number> {
  if (values.help) {
    console.log(HELP);
    return 0;
  }
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
  console.log('Starting the server ...');
  const plugins = elastic ? join(root, 'elastic', 'src') : undefined;
  const server = await startServer(root, layout, ports, bundles, plugins);
  running.push(server);
  const serverUrl = `http://127.0.0.1:${ports.http}/go`;
  const ended = Promise.withResolvers<PipelineEnd>();
  const connected = Promise.withResolvers<void>();
  const following = followPipeline(
    {
      serverUrl,
      pipeline: PIPELINE,
      lastStage: 'package',
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
  // Not before: the server may have a job for it at once, whose beginning nobody would see.
  if (!elastic) {
    console.log('Starting the agent ...');
    running.push(startAgent(goAgent, layout, serverUrl));
  }
  const failure = Promise.race([over, ...running.map(({ ended }) => ended)]);
  await Promise.race([trigger(serverUrl, adminToken(layout)), failure]);
  const end = await Promise.race([ended.promise, failure]);
  stop.abort('ended');
  await following;
  console.log(`\n${PIPELINE} ${end.counter}: ${end.passed ? 'passed' : 'failed'}`);
  return end.passed ? 0 : 1;
}

async function trigger(serverUrl: string, token: string): Promise<void> {
  const answer = await fetch(`${serverUrl}/api/pipelines/${PIPELINE}/schedule`, {
    method: 'POST',
    headers: {
      accept: 'application/vnd.go.cd.v1+json',
      authorization: `Bearer ${token}`,
      'x-gocd-confirm': 'true',
    },
  });
  if (answer.status === 202) return;
  const text = await answer.text();
  // The server has seen the commit first and runs it by itself, or goes on with what an earlier start has left.
  if (answer.status === 409 && text.includes('still in progress')) return;
  throw new Error(`The pipeline could not be triggered: ${answer.status} ${text}`);
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
