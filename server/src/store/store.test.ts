import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import type { JobPlan } from '../domain/job-plan.ts';
import { MIGRATIONS, migrate } from './migrate.ts';
import { openSecretBox } from './secret-box.ts';
import { openSqlite } from './sqlite/open-sqlite.ts';
import { openStore, type Store } from './store.ts';

const PLAN: JobPlan = {
  group: 'g',
  approver: 'ann',
  variables: [],
  overrides: [],
  revisions: [],
  fetchMaterials: true,
  cleanWorkspace: false,
  timeoutMinutes: 0,
  requirement: { resources: [] },
  tasks: [],
  artifacts: [],
  sources: {},
};

async function saveAgents(store: Store, ...uuids: string[]): Promise<void> {
  const rest = { hostName: 'h', ipAddress: '::1', location: '/', operatingSystem: 'Linux', registeredAt: 1 };
  for (const uuid of uuids) {
    await store.write(({ agents }) =>
      agents.save({ uuid, ...rest, disabled: false, resources: ['x'], environments: [] }),
    );
  }
}

/** The ids of `count` waiting jobs of one stage. */
async function scheduleJobs(store: Store, count: number): Promise<number[]> {
  return store.write(async ({ instances, stages, jobs, pipelines }) => {
    const counter = await pipelines.nextCounter('App');
    const instance = await instances.insert(
      {
        name: 'App',
        group: 'g',
        counter,
        label: '1',
        scheduledAt: 1,
        approver: '',
        message: '',
        forced: false,
        overrides: [],
      },
      [],
    );
    const stage = await stages.insert('App', {
      instanceId: instance.id,
      name: 'build',
      counter: 1,
      approval: 'success',
      approvedBy: 'ann',
      createdAt: 1,
    });
    const ids: number[] = [];
    for (let index = 0; index < count; index++) {
      const job = await jobs.insert({ stageId: stage.id, name: `j${index}`, plan: PLAN, queuedAt: 1, at: 1 });
      ids.push(job.id);
    }
    return ids;
  });
}

test('of two agents that take one job at once, one gets it', async () => {
  await using folder = await tempDir();
  await using store = await openStore(join(folder.path, 'server.db'));
  await saveAgents(store, 'a', 'b');
  const [id = 0] = await scheduleJobs(store, 1);

  const taken = await Promise.all(
    ['a', 'b'].map((uuid) => store.write(({ jobs }) => jobs.assign(id, uuid, 2))),
  );

  expect(taken.filter(Boolean)).toHaveLength(1);
  expect((await store.read.jobs.byId(id))?.view).toMatchObject({
    state: 'assigned',
    agentUuid: taken[0] ? 'a' : 'b',
  });
});

test('an agent that has a job gets no second one, and a disabled agent gets none', async () => {
  await using folder = await tempDir();
  await using store = await openStore(join(folder.path, 'server.db'));
  await saveAgents(store, 'a', 'b');
  const [one = 0, two = 0] = await scheduleJobs(store, 2);
  expect(await store.write(({ jobs }) => jobs.assign(one, 'a', 2))).toBe(true);
  expect(await store.write(({ jobs }) => jobs.assign(two, 'a', 2))).toBe(false);
  const [agent] = await store.read.agents.all();
  if (agent !== undefined)
    await store.write(({ agents }) => agents.save({ ...agent, uuid: 'b', disabled: true }));
  expect(await store.write(({ jobs }) => jobs.assign(two, 'b', 2))).toBe(false);
});

test('a decision that was made from another state comes too late', async () => {
  await using folder = await tempDir();
  await using store = await openStore(join(folder.path, 'server.db'));
  const [id = 0] = await scheduleJobs(store, 1);
  const step = { status: { state: 'completed', result: 'cancelled' }, entered: ['completed'] } as const;
  expect(await store.write(({ jobs }) => jobs.advance(id, 'building', step, 2))).toBe(false);
  expect(await store.write(({ jobs }) => jobs.advance(id, 'scheduled', step, 2))).toBe(true);
  expect((await store.read.jobs.byId(id))?.view.transitions.map(({ state }) => state)).toEqual([
    'scheduled',
    'completed',
  ]);
});

test('a transaction that fails leaves nothing behind', async () => {
  await using folder = await tempDir();
  await using store = await openStore(join(folder.path, 'server.db'));
  const failing = store.write(async ({ pipelines }) => {
    await pipelines.nextCounter('app');
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await store.write(({ pipelines }) => pipelines.nextCounter('APP'))).toBe(1);
  expect(await store.write(({ pipelines }) => pipelines.nextCounter('app'))).toBe(2);
});

test('what is stored is there after the store was closed', async () => {
  await using folder = await tempDir();
  const path = join(folder.path, 'server.db');
  {
    await using store = await openStore(path);
    await saveAgents(store, 'a');
    const [id = 0] = await scheduleJobs(store, 1);
    await store.write(({ jobs }) => jobs.assign(id, 'a', 2));
  }
  await using store = await openStore(path);
  expect(await store.read.agents.all()).toMatchObject([{ uuid: 'a', resources: ['x'], disabled: false }]);
  const [active] = await store.read.jobs.active();
  expect(active?.view).toMatchObject({ pipeline: 'App', job: 'j0', state: 'assigned', agentUuid: 'a' });
  expect(await store.read.jobs.plan(active?.view.jobId ?? 0)).toEqual(PLAN);
});

test('a modification is stored once, and what is newer than another is found, newest first', async () => {
  await using folder = await tempDir();
  await using store = await openStore(join(folder.path, 'server.db'));
  const commit = (revision: string) => ({
    revision,
    modifiedAt: 1,
    userName: '',
    emailAddress: '',
    comment: '',
    files: [],
  });
  const add = (...revisions: string[]) =>
    store.write(({ modifications }) => modifications.add('f', revisions.map(commit)));
  expect(await add('1', '2')).toBe(2);
  expect(await add('2', '3')).toBe(1);
  const newest = await store.read.modifications.newest('f');
  expect(newest?.revision).toBe('3');
  const newer = await store.read.modifications.newerThan('f', (newest?.id ?? 0) - 2);
  expect(newer.map(({ revision }) => revision)).toContain('3');
  expect(newer.map(({ id }) => id)).toEqual(newer.map(({ id }) => id).sort((a, b) => b - a));
});

test('pages of a history are cut before and after an instance', async () => {
  await using folder = await tempDir();
  await using store = await openStore(join(folder.path, 'server.db'));
  for (let run = 0; run < 5; run++) await scheduleJobs(store, 0);
  const counters = async (page: { size: number; after?: number; before?: number }) =>
    (await store.read.instances.page('app', page)).map(({ counter }) => counter);
  expect(await counters({ size: 2 })).toEqual([5, 4]);
  expect(await counters({ size: 2, after: 4 })).toEqual([3, 2]);
  expect(await counters({ size: 2, before: 2 })).toEqual([4, 3]);
});

test('two servers that start at once migrate once', async () => {
  await using folder = await tempDir();
  const path = join(folder.path, 'server.db');
  const code = `const { openStore } = await import(${JSON.stringify(import.meta.resolve('./store.ts'))});
    await using store = await openStore(${JSON.stringify(path)});
    process.stdout.write(String((await store.read.agents.all()).length));`;
  const start = () => promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code]);
  const servers = await Promise.all([start(), start(), start()]);
  expect(servers.map(({ stdout }) => stdout)).toEqual(['0', '0', '0']);
});

test('a database of a newer server is refused with a clear error', async () => {
  await using folder = await tempDir();
  const path = join(folder.path, 'server.db');
  const db = await openSqlite(path);
  await migrate(db, [...MIGRATIONS, { version: 99, name: 'future', up: async () => undefined }]);
  await db.destroy();
  await expect(openStore(path)).rejects.toMatchObject({
    code: 'schema-newer',
    message: expect.stringContaining('99'),
  });
});

test('what was sealed is opened by the same key only, and the key is readable by its owner only', async () => {
  await using folder = await tempDir();
  const box = await openSecretBox(join(folder.path, 'one'));
  const sealed = box.seal('hünter2');
  expect(sealed).not.toContain('nter2');
  expect((await openSecretBox(join(folder.path, 'one'))).open(sealed)).toBe('hünter2');
  const other = await openSecretBox(join(folder.path, 'two'));
  expect(() => other.open(sealed)).toThrow('another key');
  expect(() => box.open('AES:abc:def')).toThrow('GoCD server');
  expect((await stat(join(folder.path, 'one', 'secrets.key'))).mode & 0o777).toBe(0o600);
});
