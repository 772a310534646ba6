import type { ElasticCluster, ElasticJob } from '@go-agent/protocol/elastic';
import { FakeClock } from '@go-agent/runtime/testing';
import { expect } from 'vitest';
import { BenchServer } from '../sdk/bench/bench-server.ts';
import { Violations } from '../sdk/bench/rules.ts';
import { inProcess } from './in-process.ts';
import { MemoryWorld, memoryProvider } from './memory-provider.ts';

export const TOKEN = 'secret-token';
export const cluster: ElasticCluster = { id: 'c1', properties: { region: 'north', token: TOKEN } };
const policy = { jobsPerAgent: 1, idleTimeoutMs: 60_000, minIdle: 0, startTimeoutMs: 60_000 };
export const profile = { id: 'p1', properties: {}, policy };

export function job(jobId: number): ElasticJob {
  return {
    jobId,
    attempt: 1,
    pipelineName: 'web',
    pipelineCounter: 1,
    pipelineLabel: '1',
    stageName: 's',
    stageCounter: 1,
    jobName: `j${jobId}`,
    queuedAt: 0,
    profile,
  };
}

/** A plugin in this process, with a server that has sent initialize. */
export async function setup(clock = new FakeClock(), world = new MemoryWorld()) {
  const plugin = inProcess(memoryProvider(world), { clock, random: () => 0 });
  const violations = new Violations();
  const server = new BenchServer({
    serverId: 's1',
    pluginId: 'test.memory',
    violations,
    secrets: [TOKEN],
    now: clock.now(),
  });
  const calls = server.connect(plugin);
  const fields = await calls.initialize({
    protocolVersion: 1,
    pluginId: 'test.memory',
    serverId: 's1',
    serverVersion: '1',
    serverUrl: 'http://127.0.0.1:9/go',
    dataFolder: '/nowhere',
    clusters: [cluster],
  });
  const assign = async (jobIds: readonly number[]) => {
    const answer = await calls.assignWork({
      cluster,
      jobs: jobIds.map(job),
      agents: [...server.agents.values()],
      waitingCount: jobIds.length,
      startingCount: 0,
    });
    return answer?.decisions ?? [];
  };
  const end = async () => {
    expect(await plugin.hangUp(5000)).toBe(true);
    server.checkSecrets(plugin.errors(), 'the log');
    return violations.list();
  };
  return {
    clock,
    world,
    plugin,
    server,
    calls,
    fields,
    assign,
    end,
    list: () => calls.listInstances({ clusters: [cluster] }),
  };
}
