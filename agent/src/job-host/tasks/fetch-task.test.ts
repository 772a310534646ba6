import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Builder, FetchHandler } from '@go-agent/protocol';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { JOURNAL } from '../../journal/format.ts';
import { writeZip } from '../artifacts/write-zip.ts';
import { killAll, testJob } from '../testing/test-job.ts';
import { type TestAnswer, testRelay } from '../testing/test-relay.ts';

const FILES = '/go/remoting/files/upstream/12/build/1/pkg/';

function fetchTask(srcdir: string, handler: FetchHandler): Builder {
  return {
    type: 'FetchArtifactBuilder',
    jobIdentifier: {
      pipelineName: 'upstream',
      pipelineCounter: 12,
      pipelineLabel: '12',
      stageName: 'build',
      buildName: 'pkg',
      buildId: 0,
      stageCounter: '1',
    },
    srcdir,
    dest: 'lib',
    handler,
    checksumFileHandler: { checksumFile: { path: 'pipelines/up42/lib/upstream_build_pkg_md5.checksum' } },
    exitCode: -1,
    conditions: [],
    description: `fetch ${srcdir}`,
    cancelBuilder: killAll,
  };
}

const file: FetchHandler = {
  type: 'FileHandler',
  artifact: { path: 'pipelines/up42/lib/app.jar' },
  srcFile: 'dist/app.jar',
  checksumValidationPublisher: {},
};
const folder: FetchHandler = {
  type: 'DirHandler',
  destOnAgent: { path: 'pipelines/up42/lib' },
  srcFile: 'dist/reports',
  checksumValidationPublisher: {},
};
const md5 = (content: string) => createHash('md5').update(content).digest('hex');

interface FetchRun {
  readonly handler: FetchHandler;
  /** By path below the source job; what is not here is 404. */
  readonly answers: Readonly<Record<string, TestAnswer>>;
  readonly existing?: string;
  /** Cancels the job as soon as the console has this text. */
  readonly cancelAt?: string;
}

async function fetch({ handler, answers, existing, cancelAt }: FetchRun) {
  await using job = await testJob({ assignment: { builders: [fetchTask(handler.srcFile, handler)] } });
  await mkdir(join(job.workingDir, 'lib'), { recursive: true });
  if (existing !== undefined) await writeFile(join(job.workingDir, 'lib/app.jar'), existing);
  await using relay = await testRelay(
    job.folder,
    ({ url }) => answers[url.slice(FILES.length)] ?? { status: 404 },
  );
  const running = job.run();
  if (cancelAt !== undefined) {
    await job.untilConsoleHas(cancelAt);
    job.cancel();
  }
  await running;
  const read = (path: string) => readFile(join(job.workingDir, 'lib', path), 'utf8').catch(() => undefined);
  return {
    console: await job.console(),
    urls: relay.requests.map(({ url }) => url),
    jar: await read('app.jar'),
    page: await read('reports/in/a'),
  };
}

test('fetches a file and verifies it', async () => {
  const { console, jar } = await fetch({
    handler: file,
    answers: {
      'cruise-output/md5.checksum': { status: 200, body: `#\ndist/app.jar=${md5('jar')}\n` },
      'dist/app.jar': { status: 200, body: 'jar' },
    },
  });
  expect(jar).toBe('jar');
  expect(console).toContain(
    '&1|[go] Fetching artifact [dist/app.jar] from [upstream/12/build/1/pkg]\n' +
      '&1|[go] Saved artifact to [pipelines/up42/lib/app.jar] after verifying the integrity of its contents.\n?0|',
  );
});

test('keeps the old file and tries again when the checksum does not match', async () => {
  const { console, jar } = await fetch({
    handler: file,
    existing: 'old',
    cancelAt: 'Pausing',
    answers: {
      'cruise-output/md5.checksum': { status: 200, body: `dist/app.jar=${md5('other')}\n` },
      [`dist/app.jar?sha1=${encodeURIComponent(createHash('sha1').update('old').digest('base64'))}`]: {
        status: 200,
        body: 'jar',
      },
    },
  });
  expect(jar).toBe('old');
  expect(console).toContain(
    '&2|[go] [ERROR] Verification of the integrity of the artifact [dist/app.jar] failed.',
  );
  expect(console).toMatch(
    /&2\|\[go\] Could not fetch artifact .*dist\/app.jar. Pausing \d+ seconds to retry/,
  );
});

test('does not fetch again what is here already', async () => {
  const sha1 = encodeURIComponent(createHash('sha1').update('jar').digest('base64'));
  const { console, jar, urls } = await fetch({
    handler: file,
    existing: 'jar',
    answers: { [`dist/app.jar?sha1=${sha1}`]: { status: 304 } },
  });
  expect(urls).toContain(`${FILES}dist/app.jar?sha1=${sha1}`);
  expect(jar).toBe('jar');
  expect(console).toContain('&2|[go] [WARN] The md5checksum property file was not found on the server.');
  expect(console).toContain('&1|Artifact is not modified, skipped fetching it\n?0|');
});

test('fetches a folder and verifies each file in it', async () => {
  await using dir = await tempDir();
  await mkdir(join(dir.path, 'reports/in'), { recursive: true });
  await writeFile(join(dir.path, 'reports/in/a'), 'page');
  const zip = join(dir.path, 'a.zip');
  await writeZip(join(dir.path, 'reports'), zip, new AbortController().signal);
  const answers = { 'dist/reports.zip': { status: 200, body: await readFile(zip) } };
  const checksums = (sum: string) => ({
    'cruise-output/md5.checksum': { status: 200, body: `dist/reports/in/a=${sum}\n` },
  });
  const good = await fetch({ handler: folder, answers: { ...answers, ...checksums(md5('page')) } });
  expect(good.page).toBe('page');
  expect(good.console).toContain(
    '&1|[go] Saved artifact to [pipelines/up42/lib] after verifying the integrity of its contents.\n?0|',
  );
  const bad = await fetch({
    cancelAt: 'Pausing',
    handler: folder,
    answers: { ...answers, ...checksums(md5('other')) },
  });
  expect(bad.page).toBeUndefined();
  expect(bad.console).toContain(
    '&2|[go] [ERROR] Verification of the integrity of the artifact [dist/reports/in/a] failed.',
  );
});

test('says at once what is missing', async () => {
  const { console } = await fetch({ handler: file, answers: {} });
  expect(console).toContain('&2|[go] There is no artifact [dist/app.jar] of [upstream/12/build/1/pkg].');
  expect(console).toContain('&2|[go] Failed to save artifact [dist/app.jar] to [lib]\n?1|');
});

test('ends a fetch that hangs when the job is cancelled', async () => {
  await using job = await testJob({ assignment: { builders: [fetchTask(file.srcFile, file)] } });
  const server = createServer(() => job.cancel()).listen(join(job.folder, JOURNAL.relaySocket));
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    server.closeAllConnections();
    await server[Symbol.asyncDispose]();
  });
  expect(await job.run()).toBe('Cancelled');
  expect(await job.console()).toMatch(/x0\|.*\n\^C\|\[go\] Task status: cancelled/);
});
