// Everything that the bench does with one plugin, from its first message to its end.
import type { ElasticCluster, ElasticProfile, InitializeResult } from '@go-agent/protocol/elastic';
import { systemClock } from '@go-agent/runtime/core';
import { BenchServer } from './bench-server.ts';
import { Day } from './day.ts';
import { planDay, seeded } from './day-plan.ts';
import { type PluginCalls, PluginSilent } from './plugin-calls.ts';
import type { PluginEnd } from './plugin-process.ts';
import { readInstances } from './read-instances.ts';
import { type Violation, Violations } from './rules.ts';

export interface BenchOptions {
  readonly pluginId: string;
  readonly start: () => PluginEnd;
  /** Of its own for each server that the bench plays; they exist. */
  readonly dataFolders: readonly [string, string];
  readonly clusterProperties: Readonly<Record<string, string>>;
  readonly profileProperties: Readonly<Record<string, string>>;
  readonly jobs: number;
  readonly seed: number;
  readonly maxAgents: number;
  readonly startTimeoutMs: number;
}

export interface BenchReport {
  readonly violations: readonly Violation[];
  readonly done: { readonly jobs: number; readonly agents: number; readonly failed: number };
  readonly calls: ReadonlyMap<string, { readonly count: number; readonly maxMs: number }>;
  /** What the plugin wrote to its standard error. */
  readonly errors: string;
}

const NEVER = new AbortController().signal;
const END_MS = 5000;

export async function runBench(options: BenchOptions): Promise<BenchReport> {
  const violations = new Violations();
  const cluster: ElasticCluster = { id: 'bench', properties: options.clusterProperties };
  const profile: ElasticProfile = {
    id: 'bench-profile',
    properties: options.profileProperties,
    policy: {
      jobsPerAgent: 3,
      idleTimeoutMs: 600_000,
      minIdle: 0,
      maxAgents: options.maxAgents,
      startTimeoutMs: 600_000,
    },
  };
  const open = (serverId: string) =>
    new BenchServer({
      serverId,
      pluginId: options.pluginId,
      violations,
      secrets: [],
      now: systemClock.now(),
    });
  const server = open(`bench-${options.seed}-${systemClock.now()}`);
  const done = { jobs: 0, agents: 0, failed: 0 };
  const ends: PluginEnd[] = [];
  const begin = async (to: BenchServer, dataFolder: string) => {
    const plugin = options.start();
    ends.push(plugin);
    const calls = to.connect(plugin);
    const fields = await calls.initialize(initialize(to, cluster, dataFolder));
    return { calls, fields };
  };
  const restart = async () => {
    await ends.at(-1)?.crash();
    const { calls } = await begin(server, options.dataFolders[0]);
    return calls;
  };
  try {
    const first = await begin(server, options.dataFolders[0]);
    let { calls } = first;
    // A plugin that does not get as far as this would break all the other rules as well.
    if (first.fields !== undefined) {
      noteSecrets(server, first.fields, options);
      await checkAnswers(calls, first.fields, options, violations);
      server.maxAgents = options.maxAgents;
      await checkTwoServers(server, calls, { cluster, profile, options }, async () => {
        const other = open(`${server.serverId}-other`);
        const second = await begin(other, options.dataFolders[1]);
        const listed = await readInstances(second.calls, [cluster], violations);
        await ends.pop()?.hangUp(END_MS);
        return listed;
      });
      const context = {
        server,
        calls,
        cluster,
        profile,
        startTimeoutMs: options.startTimeoutMs,
        crash: restart,
        done,
      };
      const plan = planDay(options.jobs, seeded(options.seed));
      calls = await new Day({ ...context, plan }).play();
      const left = await readInstances(calls, [cluster], violations);
      if (left !== undefined && left.length > 0) {
        violations.add('stops-agents', `${left.length} agents are left at the end of the day`);
      }
    }
    if (!(await ends.at(-1)?.hangUp(END_MS)))
      violations.add('ends-with-the-server', `it went on for ${END_MS} ms`);
  } catch (error) {
    if (!(error instanceof PluginSilent)) throw error;
  } finally {
    await Promise.all(ends.map((end) => end[Symbol.asyncDispose]()));
  }
  const errors = ends.map((end) => end.errors()).join('');
  server.checkSecrets(errors, 'the standard error');
  return { violations: violations.list(), done, calls: server.took, errors };
}

function initialize(server: BenchServer, cluster: ElasticCluster, dataFolder: string) {
  return {
    protocolVersion: 1,
    pluginId: server.pluginId,
    serverId: server.serverId,
    serverVersion: 'bench',
    serverUrl: 'http://127.0.0.1:9/go',
    dataFolder,
    clusters: [cluster],
  };
}

function noteSecrets(server: BenchServer, fields: InitializeResult, options: BenchOptions): void {
  const given = { ...options.clusterProperties, ...options.profileProperties };
  for (const { key, secret } of [...fields.clusterFields, ...fields.profileFields]) {
    const value = given[key];
    if (secret && value !== undefined && value.length >= 4) server.secrets.add(value);
  }
}

async function checkAnswers(
  calls: PluginCalls,
  fields: InitializeResult,
  { clusterProperties, profileProperties }: BenchOptions,
  violations: Violations,
): Promise<void> {
  if (!(await calls.refusesUnknown()))
    violations.add('refuses-unknown', 'make-coffee was answered, or not at all');
  const kinds = [
    ['cluster', fields.clusterFields, clusterProperties],
    ['profile', fields.profileFields, profileProperties],
  ] as const;
  for (const [kind, list, properties] of kinds) {
    const ask = (given: Readonly<Record<string, string>>) =>
      calls.validate({ kind, properties: given, ...(kind === 'profile' ? { clusterProperties } : {}) });
    const right = await ask(properties);
    for (const { key, message } of right?.problems ?? []) {
      violations.add('names-problems', `${kind}, as it was given: ${key ?? ''} ${message}`);
    }
    for (const { key } of list.filter(
      ({ required, default: fallback }) => required && fallback === undefined,
    )) {
      const { [key]: _, ...without } = properties;
      const answer = await ask(without);
      if (answer !== undefined && !answer.problems.some((problem) => problem.key === key)) {
        violations.add('names-problems', `${kind} without ${key}, which must be given: no problem named`);
      }
    }
  }
}

/** One agent of this server: another server does not see it; stopped twice, it is gone. */
async function checkTwoServers(
  server: BenchServer,
  calls: PluginCalls,
  { cluster, profile, options }: { cluster: ElasticCluster; profile: ElasticProfile; options: BenchOptions },
  asOther: () => ReturnType<typeof readInstances>,
): Promise<void> {
  const { violations } = server;
  const stop = (agentId: string) =>
    calls.stopAgent({ cluster, agentId, reason: 'operator', message: 'The bench ends it' });
  await stop('no-such-agent');
  const before = await readInstances(calls, [cluster], violations);
  if (before !== undefined && before.length > 0) {
    violations.add('lists-own', `${before.length} agents are listed for a server that has none`);
  }
  await calls.startAgents({ cluster, profile, count: 1 });
  const [agentId] = server.starting.keys();
  if (agentId === undefined) return;
  const deadline = systemClock.monotonic() + options.startTimeoutMs;
  const isListed = async () =>
    (await readInstances(calls, [cluster], violations))?.some((each) => each.agentId === agentId);
  while (!(await isListed()) && systemClock.monotonic() < deadline && !server.failed.has(agentId)) {
    await systemClock.sleep(50, NEVER);
  }
  const others = await asOther();
  if (others !== undefined && others.length > 0) {
    violations.add('lists-own', `another server's plugin lists ${others.length} agents of this one`);
  }
  server.starting.delete(agentId);
  await stop(agentId);
  await stop(agentId);
  if (await isListed()) violations.add('stops-agents', 'after stop-agent, twice, the agent is still listed');
  server.failed.clear();
}
