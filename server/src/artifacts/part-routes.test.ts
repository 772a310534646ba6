import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { askPart, JOB_URL, sendPart } from '../testing/send-part.ts';
import { testServer } from '../testing/test-server.ts';

const UPLOAD = 'upload-0001';
const FILE = 'pkg/big file.bin';
const digest = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest('hex');

/** Numbers in [0, 1) that follow from the seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('a file arrives in parts, is verified, and is in both checksum lists with its mode', async () => {
  await using server = await testServer();
  const content = randomBytes(200_000);
  const part = { server: server.server.url, path: FILE, uploadId: UPLOAD, content };
  expect(await askPart(part)).toMatchObject({ status: 200, offset: 0, complete: '?0' });
  expect(await sendPart({ ...part, offset: 0, end: 120_000 })).toMatchObject({
    status: 204,
    offset: 120_000,
  });
  expect((await server.asAgent(`${JOB_URL}/${encodeURI(FILE)}`)).status).toBe(404);
  expect(await sendPart({ ...part, offset: 150_000 })).toMatchObject({ status: 409, offset: 120_000 });
  // What is here already may be sent again.
  expect(await sendPart({ ...part, offset: 90_000, mode: '755' })).toMatchObject({
    status: 201,
    complete: '?1',
  });
  const stored = join(server.dataDir, 'artifacts/pipelines/app/7/test/1/unit', FILE);
  expect((await readFile(stored)).equals(content)).toBe(true);
  expect((await lstat(stored)).mode & 0o777).toBe(0o755);
  const list = async (name: string) => (await server.asAgent(`${JOB_URL}/cruise-output/${name}`)).body;
  expect(await list('md5.checksum')).toContain(`pkg/big\\ file.bin=${digest('md5', content)}\n`);
  expect(await list('sha256.checksum')).toBe(`${digest('sha256', content)}  ${FILE}\n`);
  // The final answer was lost: whoever asks is told so, and sending it again changes nothing.
  expect(await askPart(part)).toMatchObject({ status: 200, offset: content.length, complete: '?1' });
  expect(await sendPart({ ...part, offset: 0 })).toMatchObject({ status: 200, complete: '?1' });
  expect(await readdir(join(server.dataDir, 'artifacts/partial'))).toEqual([]);
});

test('a file that is not what was announced is refused and dropped', async () => {
  await using server = await testServer();
  const part = {
    server: server.server.url,
    path: FILE,
    uploadId: UPLOAD,
    content: randomBytes(1000),
    offset: 0,
  };
  expect(await sendPart({ ...part, sha256: 'ab'.repeat(32) })).toMatchObject({ status: 422 });
  expect(await askPart(part)).toMatchObject({ offset: 0, complete: '?0' });
  expect((await server.asAgent(`${JOB_URL}/${encodeURI(FILE)}`)).status).toBe(404);
  expect(await sendPart(part)).toMatchObject({ status: 201 });
});

test('requests that make no sense, and places that are not for artifacts, are refused', async () => {
  await using server = await testServer();
  const part = {
    server: server.server.url,
    path: FILE,
    uploadId: UPLOAD,
    content: Buffer.from('x'),
    offset: 0,
  };
  expect(await sendPart({ ...part, uploadId: '../x' })).toMatchObject({ status: 400 });
  expect(await sendPart({ ...part, mode: 'rwx' })).toMatchObject({ status: 400 });
  expect(await sendPart({ ...part, path: 'cruise-output/md5.checksum' })).toMatchObject({ status: 403 });
  expect(await sendPart({ ...part, path: 'a/..%2f..%2fx' })).toMatchObject({ status: 403 });
  const other = await server.ask(`${JOB_URL}/x?upload=${UPLOAD}`, { method: 'PUT', body: 'x' });
  expect(other.status).toBe(403);
});

test('a cut connection at any byte loses nothing, and the rest is taken', async () => {
  await using server = await testServer();
  const seed = 20_261_122;
  const random = seeded(seed);
  for (let round = 0; round < 12; round += 1) {
    const content = randomBytes(1 + Math.floor(random() * 900_000));
    const part = {
      server: server.server.url,
      path: `cut/${round}`,
      uploadId: `upload-${seed}-${round}`,
      content,
    };
    let answer = await askPart(part);
    for (let tries = 0; answer.complete !== '?1'; tries += 1) {
      const cutAfter = tries < 4 ? 1 + Math.floor(random() * content.length) : Number.POSITIVE_INFINITY;
      await sendPart({ ...part, offset: answer.offset, cutAfter }).catch(() => undefined);
      const before = answer.offset;
      answer = await askPart(part);
      expect(answer.offset, `seed ${seed} round ${round}`).toBeGreaterThanOrEqual(before);
    }
    const stored = await readFile(
      join(server.dataDir, 'artifacts/pipelines/app/7/test/1/unit/cut', String(round)),
    );
    expect(digest('sha256', stored), `seed ${seed} round ${round}`).toBe(digest('sha256', content));
  }
});

test('of uploads to one name at the same time one is there in the end, whole', async () => {
  await using server = await testServer();
  const contents = [1, 2, 3, 4, 5, 6].map((n) => Buffer.alloc(300_000 + n * 7777, n));
  const answers = await Promise.all(
    contents.map((content, i) =>
      sendPart({ server: server.server.url, path: 'same', uploadId: `parallel-${i}`, content, offset: 0 }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(contents.map(() => 201));
  const stored = await readFile(join(server.dataDir, 'artifacts/pipelines/app/7/test/1/unit/same'));
  expect(contents.some((content) => content.equals(stored))).toBe(true);
});

test('the server is killed in mid-upload: the next one goes on with what came', async () => {
  await using dir = await tempDir();
  const content = randomBytes(3_000_000);
  const part = { path: 'killed', uploadId: 'upload-killed', content };
  {
    await using first = await startProcess(dir.path);
    const server = first.url;
    expect(await sendPart({ ...part, server, offset: 0, end: 1_000_000 })).toMatchObject({ status: 204 });
    const killed = Promise.withResolvers<void>();
    const cut = { cutAfter: 1_000_000, cutWhen: killed.promise };
    const sending = sendPart({ ...part, server, offset: 1_000_000, ...cut }).catch(() => undefined);
    await waitFor(async () => (await askPart({ ...part, server })).offset > 1_000_000);
    first.kill();
    killed.resolve();
    await sending;
  }
  await using second = await startProcess(dir.path);
  const { offset } = await askPart({ ...part, server: second.url });
  expect(offset).toBeGreaterThanOrEqual(1_000_000);
  expect(await sendPart({ ...part, server: second.url, offset })).toMatchObject({ status: 201 });
  const stored = await readFile(join(dir.path, 'data/artifacts/pipelines/app/7/test/1/unit/killed'));
  expect(stored.equals(content)).toBe(true);
});

async function startProcess(folder: string) {
  const main = join(import.meta.dirname, '../testing/file-server/main.ts');
  const child = spawn(process.execPath, [main, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    url,
    kill: () => child.kill('SIGKILL'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
