import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@go-agent/runtime';
import { tempDir } from '@go-agent/runtime/testing';
import { startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import { BundleServer } from '../server/bundle-server.ts';
import { downloadBundle } from './download.ts';

const zip = randomBytes(3_000_000);
const hex = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest('hex');
const expected = {
  name: 'agent' as const,
  md5: hex('md5', zip),
  sha256: hex('sha256', zip),
  length: zip.length,
};
const isDownload = ({ method, path }: { method: string; path: string }) =>
  method === 'GET' && path.endsWith('/agent.zip');

async function downloadFixture() {
  await using rollback = new AsyncDisposableStack();
  const temporary = rollback.use(await tempDir());
  const stub = rollback.use(await startServerStub());
  stub.offer('agent', zip);
  const folder = join(temporary.path, 'downloads');
  const part = join(folder, `agent-${expected.md5}.part`);
  const kept = rollback.move();
  return {
    stub,
    folder,
    part,
    async have(bytes: Buffer) {
      await mkdir(folder, { recursive: true });
      await writeFile(part, bytes);
    },
    download: (change: Partial<typeof expected> = {}, signal = new AbortController().signal) =>
      downloadBundle({
        server: new BundleServer(stub.url, async () => ({}), systemClock),
        expected: { ...expected, ...change },
        folder,
        clock: systemClock,
        signal,
      }),
    ranges: () => stub.requests.filter(isDownload).map(({ headers }) => headers.range),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

test('a download that was cut goes on where it ended', async () => {
  await using fixture = await downloadFixture();
  fixture.stub.fault({ kind: 'truncatedBody', match: isDownload });
  expect(await fixture.download()).toEqual({ type: 'complete', file: fixture.part });
  expect((await readFile(fixture.part)).equals(zip)).toBe(true);
  expect(fixture.ranges()).toEqual([undefined, expect.stringMatching(/^bytes=1\d{6}-$/)]);
});

test('a part of an earlier launch is not fetched again; a whole one needs no request', async () => {
  await using fixture = await downloadFixture();
  await fixture.have(zip.subarray(0, 250_000));
  await fixture.download();
  expect(fixture.ranges()).toEqual(['bytes=250000-']);
  await fixture.download();
  expect(fixture.ranges()).toHaveLength(1);
});

test('a part that is damaged or too long is thrown away, and all is fetched anew', async () => {
  await using fixture = await downloadFixture();
  await fixture.have(Buffer.alloc(250_000));
  await fixture.download();
  expect(fixture.ranges()).toEqual(['bytes=250000-', undefined]);
  await fixture.have(Buffer.concat([zip, Buffer.from('more')]));
  await fixture.download();
  expect((await readFile(fixture.part)).equals(zip)).toBe(true);
});

for (const [title, answer] of [
  ['416', { status: 416 }],
  ['another range than asked for', { status: 206, headers: { 'Content-Range': 'bytes 0-2999999/3000000' } }],
  ['a range of something else', { status: 206, headers: { 'Content-Range': 'bytes 250000-2999999/400000' } }],
  ['206 without a range', { status: 206 }],
] as const) {
  test(`a server that answers ${title} makes the download begin anew`, async () => {
    await using fixture = await downloadFixture();
    await fixture.have(zip.subarray(0, 250_000));
    fixture.stub.fault({ kind: 'status', ...answer, match: isDownload });
    expect((await fixture.download()).type).toBe('complete');
    expect(fixture.ranges()).toEqual(['bytes=250000-', undefined]);
    expect((await readFile(fixture.part)).equals(zip)).toBe(true);
  });
}

test('a server that sends all instead of a range is taken at its word', async () => {
  await using fixture = await downloadFixture();
  await fixture.have(zip.subarray(0, 250_000));
  fixture.stub.fault({
    kind: 'status',
    status: 200,
    body: 'x'.repeat(3_000_000),
    headers: { 'Content-MD5': expected.md5 },
    match: isDownload,
  });
  await fixture.download();
  expect((await readFile(fixture.part)).equals(zip)).toBe(true);
});

for (const status of [503, 429]) {
  test(`a server that is busy (${status}) is left alone for as long as it asks, within an hour`, async () => {
    await using fixture = await downloadFixture();
    const busy = (header: string) =>
      fixture.stub.fault({ kind: 'status', status, headers: { 'Retry-After': header }, match: isDownload });
    busy('7');
    expect(await fixture.download()).toEqual({ type: 'busy', retryMs: 7_000 });
    busy('99999999');
    expect(await fixture.download()).toEqual({ type: 'busy', retryMs: 3_600_000 });
    busy(new Date(Date.now() + 600_000).toUTCString());
    const result = await fixture.download();
    expect(result.type === 'busy' && result.retryMs).toBeGreaterThan(500_000);
    busy('soon');
    expect((await fixture.download()).type).toBe('complete');
  });
}

test('bytes that are not those that were signed are refused and removed', async () => {
  await using fixture = await downloadFixture();
  await expect(fixture.download({ sha256: '0'.repeat(64) })).rejects.toThrow(/its SHA-256 is/);
  expect(await readdir(fixture.folder)).toEqual([]);
});

test('not a byte more than was signed is kept, whatever the server sends', async () => {
  await using fixture = await downloadFixture();
  await expect(fixture.download({ length: 1_000 })).rejects.toThrow(/3000000 bytes to send, 1000 are signed/);
  // Without a Content-Length it shows only on the way.
  fixture.stub.fault({
    kind: 'status',
    status: 200,
    body: 'x'.repeat(2_000_000),
    headers: { 'Content-MD5': expected.md5, 'Content-Length': '1000' },
    match: isDownload,
  });
  await expect(fixture.download({ length: 1_000 })).rejects.toThrow();
  expect(await readdir(fixture.folder)).toEqual([]);
  await expect(fixture.download({ length: 2 ** 40 })).rejects.toThrow(/more than 268435456/);
});

test('a body without end is read to the end of what was signed', async () => {
  await using fixture = await downloadFixture();
  fixture.stub.fault({ kind: 'endlessBody', match: isDownload });
  await expect(fixture.download()).rejects.toThrow(/sends more than the 3000000 bytes/);
  expect(await readdir(fixture.folder)).toEqual([]);
});

test('of a bundle there is one part at a time', async () => {
  await using fixture = await downloadFixture();
  await mkdir(fixture.folder, { recursive: true });
  await writeFile(join(fixture.folder, `agent-${'0'.repeat(32)}.part`), 'old');
  await writeFile(join(fixture.folder, `agent-launcher-${'0'.repeat(32)}.part`), 'another bundle');
  await fixture.download();
  expect((await readdir(fixture.folder)).toSorted()).toEqual([
    `agent-${expected.md5}.part`,
    `agent-launcher-${'0'.repeat(32)}.part`,
  ]);
});

test('asked to stop, it ends and keeps what came', async () => {
  await using fixture = await downloadFixture();
  fixture.stub.fault({ kind: 'slowBody', bytesPerSecond: 1_000_000, match: isDownload });
  const stop = new AbortController();
  const running = fixture.download({}, stop.signal);
  await fixture.stub.received(isDownload);
  stop.abort(new Error('stop'));
  await expect(running).rejects.toThrow();
  await fixture.download();
  expect((await readFile(fixture.part)).equals(zip)).toBe(true);
});
