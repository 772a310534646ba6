import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger, systemClock } from '@go-agent/runtime';
import { tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { startServer } from '../../server/src/start-server.ts';
import { triggerOwnRun } from './own-run.ts';

interface Instance {
  readonly counter: number;
  readonly stages: readonly { readonly status: string }[];
  readonly build_cause: {
    readonly approver: string;
    readonly material_revisions: readonly {
      readonly modifications: readonly { readonly comment: string }[];
    }[];
  };
}

/** A server without agents that polls a repository with one commit, `old`, and has begun a run of it. */
async function serverWithARun() {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(await tempDir());
  const path = (name: string) => join(folder.path, name);
  const git = (...args: string[]) => execFileSync('git', ['-C', path('repository'), ...args]);
  const commit = (message: string) =>
    git('-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', 'commit', '-qm', message, '--allow-empty');
  for (const name of ['repository', 'pipelines']) mkdirSync(path(name));
  git('init', '--quiet', '--initial-branch=main');
  commit('old');
  writeFileSync(
    path('pipelines/app.gocd.yaml'),
    `{format_version: 10, pipelines: {app: {group: main, materials: {r: {git: "${path('repository')}", branch: main}},
      stages: [{verify: {tasks: [{exec: {command: "true"}}]}}]}}}`,
  );
  const server = resources.use(
    await startServer(
      {
        dataDir: path('data'),
        pipelinesDir: path('pipelines'),
        bind: '127.0.0.1',
        port: 0,
        tlsPort: 'off',
        requireLogin: false,
        autoRegisterKey: '',
        autoRegisterLocalAgents: false,
        materialPollMs: 200,
        lostContactMs: 300_000,
      },
      {
        clock: systemClock,
        logger: createLogger({ file: path('log'), name: 'test', level: 'silent' }),
      },
    ),
  );
  /** The newest first: commit, state, and who asked for it. */
  const runs = async () => {
    const headers = { accept: 'application/vnd.go.cd+json' };
    const answer = await fetch(`${server.url}/api/pipelines/app/history`, { headers });
    const { pipelines } = (await answer.json()) as { readonly pipelines: readonly Instance[] };
    return pipelines.map(({ stages, build_cause: cause }) => [
      cause.material_revisions[0]?.modifications[0]?.comment,
      stages[0]?.status,
      cause.approver,
    ]);
  };
  /** Whether the server has the commit in its copy of the repository. */
  const hasSeen = (name: string) => {
    const revision = git('rev-parse', name).toString().trim();
    return globSync('materials/*', { cwd: path('data') }).some(
      (copy) => spawnSync('git', ['-C', join(path('data'), copy), 'cat-file', '-e', revision]).status === 0,
    );
  };
  await waitFor(async () => (await runs()).length === 1);
  const printed: string[] = [];
  const wish = {
    serverUrl: server.url,
    token: server.adminToken ?? '',
    pipeline: 'app',
    print: (line: string) => void printed.push(line),
    onEarlier: () => undefined,
  };
  const owned = resources.move();
  return { commit, hasSeen, runs, wish, printed, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test('what an earlier start has left is cancelled, and the newest commit runs, also if an older one waited for its turn', async () => {
  await using it = await serverWithARun();
  it.commit('seen while the old one ran');
  await waitFor(() => it.hasSeen('HEAD'));
  it.commit('new');
  await triggerOwnRun({ ...it.wish, startedAt: Infinity });
  await waitFor(async () => {
    const [newest] = await it.runs();
    return newest?.[0] === 'new' && newest[2] !== 'changes';
  });
  const [own, ...earlier] = await it.runs();
  expect(own?.[1]).toBe('Building');
  expect(earlier.map(([, state]) => state)).not.toContain('Building');
  expect(it.printed[0]).toBe('Cancelled what an earlier start has left: app 1, verify');
});

test('a run that the server has begun by itself since the start goes on', async () => {
  await using it = await serverWithARun();
  await triggerOwnRun({ ...it.wish, startedAt: 0 });
  expect(await it.runs()).toEqual([['old', 'Building', 'changes']]);
  expect(it.printed).toEqual([]);
});
