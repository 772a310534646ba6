import { runServices } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { CoreFixture } from '../../core/core-fixture.ts';
import { ScriptedCloud } from '../testing/scripted-cloud.ts';
import { SimulatedAgent } from '../testing/simulated-agent.ts';

const FILE = `
cluster_profiles: {near: {plugin_id: scripted}, far: {plugin_id: scripted}}
elastic_profiles:
  small: {cluster_profile_id: near}
  warm: {cluster_profile_id: far, min_idle: 1, max_agents: 1}
pipelines:
  app:
    group: g
    materials: {code: {git: REPOSITORY, branch: main, auto_update: false}}
    stages: [build: {approval: manual, jobs: {compile: {elastic_profile_id: small, tasks: [{exec: {command: make}}]}}}]
`;

test('a job is not given to an agent of another cluster, though its plugin says so and the agent is free', async () => {
  await using fixture = await CoreFixture.make();
  await fixture.pipelineFile('app.gocd.yaml', FILE);
  const cloud = new ScriptedCloud();
  const core = await fixture.start({}, cloud.source);
  const stop = new AbortController();
  const running = runServices(core.services, stop.signal);
  try {
    await fixture.clock.advance(20);
    const machine = await waitFor(() => cloud.machines.get('m-1'));
    expect(machine.clusterId).toBe('far');
    const far = new SimulatedAgent(machine);
    expect(await far.register(core)).toBe(true);
    far.ask(core);
    cloud.mischief = () => 'lie';
    await core.pipelines.trigger('app', { approver: 'ann' });
    const wait = () => core.elastic.waiting()[0]?.wait;
    await waitFor(() => wait()?.action === 'unanswered');
    expect(wait()?.reason).toContain('cannot be given this job now');
    expect(far.job).toBeUndefined();
    cloud.recover();
    const near = await waitFor(async () => {
      await fixture.clock.advance(5000);
      return cloud.machines.get('m-2');
    });
    expect(near.clusterId).toBe('near');
    const agent = new SimulatedAgent(near);
    await agent.register(core);
    agent.ask(core);
    await waitFor(() => agent.job !== undefined);
    expect(far.job).toBeUndefined();
  } finally {
    core.work.releaseHeldRequests();
    stop.abort();
    await running;
  }
});
