import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { MIGRATIONS, migrate } from './migrate.ts';
import { type Repositories, repositoriesOn } from './repositories.ts';
import { openSqlite } from './sqlite/open-sqlite.ts';
import { openStore } from './store.ts';

const PLAN = {
  group: 'g',
  approver: 'ann',
  variables: [],
  overrides: [],
  revisions: [],
  fetchMaterials: true,
  cleanWorkspace: false,
  timeoutMinutes: 0,
  requirement: { resources: [], elasticProfileId: 'small' },
  tasks: [],
  artifacts: [],
  sources: {},
};

/** A job that waits, and its id. */
async function schedule({ instances, stages, jobs, pipelines }: Repositories, name = 'j'): Promise<number> {
  const counter = await pipelines.nextCounter('app');
  const what = { name: 'app', group: 'g', label: '1', approver: '', message: '', forced: false };
  const instance = await instances.insert({ ...what, counter, scheduledAt: 1, overrides: [] }, []);
  const stage = { name: 'build', counter: 1, approval: 'success' as const, approvedBy: 'ann', createdAt: 1 };
  const { id: stageId } = await stages.insert('app', { instanceId: instance.id, ...stage });
  return (await jobs.insert({ stageId, name, plan: PLAN, queuedAt: 1, at: 1 })).id;
}

/** A registered elastic agent, and the number of its record. */
async function register({ agents, elasticAgents }: Repositories, uuid: string): Promise<number> {
  const where = { hostName: 'h', ipAddress: '::1', location: '/', operatingSystem: 'Linux' };
  const lists = { disabled: false, resources: [], environments: [] };
  const elastic = { agentId: `m-${uuid}`, pluginId: 'p' };
  await agents.save({ uuid, ...where, ...lists, elastic, registeredAt: 1 });
  const profile = { pluginId: 'p', clusterId: 'c', profileId: 'small' };
  const times = { keyExpiresAt: 9, createdAt: 1, jobsGiven: 0 };
  const made = await elasticAgents.insert({
    ...profile,
    ...times,
    agentId: elastic.agentId,
    phase: 'starting',
  });
  await elasticAgents.register(made?.id ?? 0, { agentId: elastic.agentId, uuid }, true);
  return made?.id ?? 0;
}

test('an agent with a job is not retired, one that is retired gets no job, and of both at once one happens', async () => {
  await using folder = await tempDir();
  await using store = await openStore(join(folder.path, 'server.db'));
  const [job, other, a, b] = await store.write(async (all) => [
    await schedule(all),
    await schedule(all),
    await register(all, 'a'),
    await register(all, 'b'),
  ]);
  const assign = (id: number, uuid: string) => store.write(({ jobs }) => jobs.assign(id, uuid, 2));
  const retire = (id: number) => store.write((all) => all.elasticAgents.retire(id, 'idle-timeout'));
  expect(await Promise.all([assign(job, 'a'), retire(a)])).toEqual([true, false]);
  expect(await Promise.all([retire(b), assign(other, 'b')])).toEqual([true, false]);
  expect(await retire(b)).toBe(false);
});

test('a key is used once, also by two that come at the same time', async () => {
  await using folder = await tempDir();
  await using store = await openStore(join(folder.path, 'server.db'));
  const id = await store.write(async ({ elasticAgents }) => {
    const profile = { pluginId: 'p', clusterId: 'c', profileId: 'small', keyExpiresAt: 9 };
    const made = await elasticAgents.insert({ ...profile, phase: 'starting', jobsGiven: 0, createdAt: 1 });
    return made?.id ?? 0;
  });
  const use = (uuid: string) =>
    store.write(({ elasticAgents }) => elasticAgents.register(id, { agentId: 'm', uuid }, true));
  expect(await Promise.all([use('a'), use('b')])).toEqual([true, false]);
});

test('a job keeps the ids of its elastic agent when that is removed', async () => {
  await using folder = await tempDir();
  await using store = await openStore(join(folder.path, 'server.db'));
  const job = await store.write(async (all) => {
    const id = await schedule(all);
    const agent = await register(all, 'a');
    await all.jobs.assign(id, 'a', 2);
    await all.elasticAgents.remove(agent);
    await all.agents.remove('a');
    return all.jobs.byId(id);
  });
  expect(job?.view).toMatchObject({
    agentUuid: 'a',
    elasticAgent: { agentId: 'm-a', pluginId: 'p', profileId: 'small' },
  });
});

test('the jobs of a database from before elastic agents were kept with them are read as they were', async () => {
  await using folder = await tempDir();
  const path = join(folder.path, 'server.db');
  const db = await openSqlite(path);
  await migrate(db, MIGRATIONS.slice(0, 3));
  const id = await schedule(repositoriesOn(db));
  await db.destroy();
  await using store = await openStore(path);
  const job = await store.read.jobs.byId(id);
  expect(job?.view).toMatchObject({ job: 'j', state: 'scheduled' });
  expect(job?.view).not.toHaveProperty('elasticAgent');
});
