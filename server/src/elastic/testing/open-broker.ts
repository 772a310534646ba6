import { runServices } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import { CoreFixture } from '../../core/core-fixture.ts';
import { ScriptedCloud } from './scripted-cloud.ts';
import { SimulatedAgent } from './simulated-agent.ts';

/**
 * A core with a scripted plugin, and a pipeline `app` of `jobs` jobs for a profile of the given policy.
 * @param more YAML at the end @param cluster more YAML of the cluster profile, after a comma
 */
export async function openBroker(policy: string, jobs = 1, more = '', cluster = '') {
  const fixture = await CoreFixture.make();
  const cloud = new ScriptedCloud();
  /** Takes force with the next look at the configuration, or the next start. */
  const configure = (ofCluster: string) =>
    fixture.pipelineFile(
      'app.gocd.yaml',
      `
cluster_profiles: {cloud: {plugin_id: scripted${ofCluster}}}
elastic_profiles: {small: {cluster_profile_id: cloud, ${policy}}}
pipelines:
  app:
    group: g
    materials: {code: {git: REPOSITORY, branch: main, auto_update: false}}
    stages:
      - build:
          approval: manual
          jobs: {compile: {elastic_profile_id: small, run_instances: ${jobs}, tasks: [{exec: {command: make}}]}}
${more}`,
    );
  await configure(cluster);
  let stop = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const start = async (begin: () => Promise<unknown>) => {
    await begin();
    stop = new AbortController();
    running = runServices(fixture.core.services, stop.signal);
    await fixture.clock.advance(20);
  };
  const end = async () => {
    stop.abort();
    await running;
  };
  await start(() => fixture.start({}, cloud.source));
  const agents = new Map<string, SimulatedAgent>();
  return {
    fixture,
    cloud,
    configure,
    /** The agent of each machine, in the order in which they were made. */
    agents(): SimulatedAgent[] {
      return [...cloud.machines.values()].map((machine) => {
        const agent = agents.get(machine.agentId) ?? new SimulatedAgent(machine);
        agents.set(machine.agentId, agent);
        return agent;
      });
    },
    trigger: () => fixture.core.pipelines.trigger('app', { approver: 'ann' }),
    waiting: () => fixture.core.elastic.waiting().map(({ wait }) => wait),
    settle: () => fixture.clock.advance(30),
    restart: async () => {
      await end();
      await start(() => fixture.restart({}, cloud.source));
    },
    async [Symbol.asyncDispose]() {
      await end();
      await fixture[Symbol.asyncDispose]();
    },
  };
}

export type BrokerBench = Awaited<ReturnType<typeof openBroker>>;

/** The agent of this machine, registered and at work on the job that it got. */
export async function working(it: BrokerBench, agentId: string): Promise<SimulatedAgent> {
  const agent = await waitFor(() => it.agents().find(({ machine }) => machine.agentId === agentId));
  await agent.register(it.fixture.core);
  agent.ask(it.fixture.core);
  await waitFor(() => agent.job !== undefined);
  await agent.work(it.fixture.core, false);
  return agent;
}
