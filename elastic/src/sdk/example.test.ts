import { mkdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { readManifest, startPlugin } from './bench/plugin-process.ts';
import { runBench } from './bench/run-bench.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const folder = join(root, 'examples', 'elastic', 'hatchery');
const TOKEN = 'token-of-the-hatchery';

/** The cloud of the example. */
async function startHatchery() {
  const eggs = new Map<string, object>();
  const server = createServer(
    (request, response) =>
      void answer(request).then(([status, body]) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      }),
  );
  async function answer(request: IncomingMessage): Promise<[number, unknown]> {
    const name = request.url?.split('/')[2] ?? '';
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return [401, 'who are you?'];
    if (request.method === 'GET') return [200, [...eggs.values()]];
    if (request.method === 'DELETE') return eggs.delete(name) ? [200, {}] : [404, 'no such egg'];
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { tags } = JSON.parse(Buffer.concat(chunks).toString()) as { tags: object };
    if (!eggs.has(name)) eggs.set(name, { name, state: 'hatched', laidAt: 1, tags });
    return [200, {}];
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    eggs,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('the provider of the documentation breaks no rule in a whole day, as a plugin of its own', {
  timeout: 120_000,
}, async () => {
  await using hatchery = await startHatchery();
  await using data = await tempDir();
  const dataFolders = [join(data.path, '1'), join(data.path, '2')] as const;
  for (const each of dataFolders) await mkdir(each);
  const manifest = await readManifest(folder);
  const report = await runBench({
    pluginId: manifest.id,
    start: () => startPlugin(folder, manifest, process.env),
    dataFolders,
    clusterProperties: { url: hatchery.url, token: TOKEN },
    profileProperties: { breed: 'leghorn' },
    jobs: 20,
    seed: 3,
    maxAgents: 3,
    startTimeoutMs: 60_000,
  });
  expect(report.violations).toEqual([]);
  expect(report.done.jobs).toBeGreaterThan(15);
  expect(hatchery.eggs.size).toBe(0);
});

test('the documentation shows the example as it is', async () => {
  const page = await readFile(join(root, 'docs', 'elastic-sdk.md'), 'utf8');
  const source =
    (await readFile(join(folder, 'provider.ts'), 'utf8')) + (await readFile(join(folder, 'main.ts'), 'utf8'));
  const blocks = [...page.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1] ?? '');
  expect(blocks.length).toBeGreaterThan(4);
  const withoutSpace = (text: string) => text.replaceAll(/\s+/g, '');
  for (const block of blocks) expect(withoutSpace(source)).toContain(withoutSpace(block));
});
