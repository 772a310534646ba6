import { createServer } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ArtifactPlan } from '@go-agent/protocol';
import { expect, test } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import { JOURNAL } from '../../journal/format.ts';
import { shell, testJob } from '../testing/test-job.ts';
import { type RelayedRequest, type TestAnswer, testRelay } from '../testing/test-relay.ts';

async function publish(
  script: string,
  plans: readonly ArtifactPlan[],
  answer: (attempt: number) => TestAnswer | 'lost',
) {
  await using job = await testJob({ assignment: { builders: [shell(script)], artifactPlans: plans } });
  let attempts = 0;
  await using relay = await testRelay(job.folder, ({ method }) =>
    method === 'HEAD' ? { status: 404 } : answer(++attempts),
  );
  const result = await job.run();
  return {
    result,
    // The first question is whether the server is ours.
    requests: relay.requests.filter(({ method }) => method !== 'HEAD'),
    console: (await job.console()).replaceAll(job.workingDir, 'WD'),
  };
}

const file = (src: string, dest: string): ArtifactPlan => ({ artifactPlanType: 'file', src, dest });
const CREATED = () => ({ status: 201 });

/** Name and content of each part, as a server takes them apart. */
async function partsOf({
  headers,
  body,
}: RelayedRequest): Promise<{ zip: Record<string, string>; checksums: string }> {
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': headers['content-type'] ?? '' },
  }).formData();
  const part = async (name: string) => Buffer.from(await (form.get(name) as File).arrayBuffer());
  const zip: Record<string, string> = {};
  const opened = await fromBufferPromise(await part('zipfile'), { lazyEntries: true });
  for await (const entry of opened.eachEntry()) {
    const content = entry.fileName.endsWith('/')
      ? Readable.from([])
      : await opened.openReadStreamPromise(entry);
    zip[entry.fileName] = Buffer.concat(await content.toArray()).toString();
  }
  return { zip, checksums: (await part('file_checksum')).toString('latin1') };
}

test('uploads each match as a zip with its checksums, with the headers that the server needs', async () => {
  const script = 'mkdir -p target/d/e; printf jar > target/a.jar; printf x > "target/d/e/b c"';
  const { result, requests, console } = await publish(script, [file('target/*', 'pkg')], CREATED);
  expect(result).toBe('Passed');
  expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'POST /go/remoting/files/up42/7/up42_stage/1/up42_job/pkg?attempt=1&buildId=1234',
    'POST /go/remoting/files/up42/7/up42_stage/1/up42_job/pkg?attempt=1&buildId=1234',
  ]);
  const [first, second] = requests;
  expect(first?.headers).toMatchObject({ 'x-gocd-confirm': 'true', 'x-go-artifact-size': '3' });
  expect(await partsOf(first!)).toEqual({
    zip: { 'a.jar': 'jar' },
    checksums: expect.stringMatching(/^#\n#.*\npkg\/a\.jar=68995fcbf432492d15484d04a9d2ac40\n$/),
  });
  expect(await partsOf(second!)).toEqual({
    zip: { 'd/': '', 'd/e/': '', 'd/e/b c': 'x' },
    checksums: expect.stringContaining('pkg/d/e/b\\ c=9dd4e461268c8034f5c8564e155c67a6'),
  });
  expect(console).toContain('ar|[go] Uploading artifacts from WD/target/a.jar to pkg\n');
});

test('a folder deeper down with all that is in it goes to the places to which GoCD sends it, each content once', async () => {
  const script = 'mkdir -p a/b/sub/deep; echo 1 > a/b/x; echo 2 > a/b/sub/y; echo 3 > a/b/sub/deep/z';
  const { requests } = await publish(script, [file('a/b/**', 'rep')], CREATED);
  const names = await Promise.all(requests.map(async (request) => Object.keys((await partsOf(request)).zip)));
  const job = '/go/remoting/files/up42/7/up42_stage/1/up42_job/';
  const places = requests.map(({ url }) => url.slice(job.length).split('?')[0]);
  expect(
    places.map((place, at) => names[at]?.filter((n) => !n.endsWith('/')).map((n) => `${place}/${n}`)),
  ).toEqual([
    ['rep/a/b/sub/deep/z', 'rep/a/b/sub/y', 'rep/a/b/x'],
    ['rep/sub/deep/z', 'rep/sub/y'],
  ]);
});

test('uploads after failed tasks too', async () => {
  const { result, requests } = await publish('echo > log; exit 1', [file('log', '')], CREATED);
  expect(result).toBe('Failed');
  expect(requests.map(({ url }) => url)).toEqual([
    '/go/remoting/files/up42/7/up42_stage/1/up42_job/?attempt=1&buildId=1234',
  ]);
});

test('tries again after a failure', async () => {
  const answer = (attempt: number) => ({ status: attempt === 1 ? 500 : 201 });
  const { result, requests, console } = await publish('echo > log', [file('log', '')], answer);
  expect(result).toBe('Passed');
  expect(requests.map(({ url }) => url.slice(-24))).toEqual(
    ['?attempt=1&buildId=1234', '?attempt=2&buildId=1234'].map((s) => s.padStart(24, '/')),
  );
  expect(console).toContain('ae|[go] Failed to upload WD/log\nae|[go] The server answered 500\n');
});

test('a stock server that is away for a while, or whose answer is lost, costs no attempt and no zip', async () => {
  const away: (TestAnswer | 'lost')[] = [{ status: 502 }, 'lost', { status: 503 }];
  const { result, requests, console } = await publish(
    'echo a > a',
    [file('a', '')],
    (attempt) => away[attempt - 1] ?? CREATED(),
  );
  expect(result).toBe('Passed');
  expect(requests.map(({ url }) => new URL(url, 'http://go').searchParams.get('attempt'))).toEqual([
    '1',
    '1',
    '1',
    '1',
  ]);
  expect(new Set(requests.map(({ body }) => body.byteLength)).size).toBe(1);
  expect(console.match(/Uploading artifacts from/g)).toHaveLength(1);
});

test('takes 413 for the last word, goes on with the other plans, and fails the job', async () => {
  const answer = (attempt: number) => ({ status: attempt === 1 ? 413 : 201 });
  const { result, requests, console } = await publish(
    'echo > log',
    [file('log', ''), file('log', 'b')],
    answer,
  );
  expect(result).toBe('Failed');
  expect(requests).toHaveLength(2);
  expect(console).toContain(
    'ae|[go] Artifact upload for file WD/log (Size: 1 bytes) was denied by the server.',
  );
  expect(console).toContain('ae|[go] Uploading finished. Failed to upload [log].\n');
});

test('fails for a file pattern without a match, but not for test reports', async () => {
  const plans: ArtifactPlan[] = [
    file('none/*', ''),
    { artifactPlanType: 'unit', src: 'reports', dest: 'testoutput' },
  ];
  const { result, console } = await publish('true', plans, CREATED);
  expect(result).toBe('Failed');
  expect(console).toContain('ae|[go] The rule [none/*] cannot match any resource under [WD]\n');
  expect(console).toContain('ae|[go] The directory WD/reports specified as a test artifact was not found.');
  expect(console).toContain('ae|[go] Uploading finished. Failed to upload [none/*].\n');
});

test('passes over a pipe among the test reports, from which nothing will ever come', async () => {
  const script = `mkdir reports; mkfifo reports/a.xml; echo '<testsuite/>' > reports/b.xml`;
  const plan: ArtifactPlan = { artifactPlanType: 'unit', src: 'reports', dest: '' };
  const { result, console } = await publish(script, [plan], CREATED);
  expect(console).toContain('Uploading artifacts from WD/reports to');
  expect(result).toBe('Passed');
});

test('ends an upload that hangs when the job is cancelled', async () => {
  const artifactPlans = [file('log', '')];
  await using job = await testJob({ assignment: { builders: [shell('echo > log')], artifactPlans } });
  const server = createServer(() => job.cancel()).listen(join(job.folder, JOURNAL.relaySocket));
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    server.closeAllConnections();
    await server[Symbol.asyncDispose]();
  });
  expect(await job.run()).toBe('Cancelled');
  expect(await job.console()).toContain('ae|[go] The upload was cancelled.\n');
});
