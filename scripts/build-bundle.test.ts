import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { checkBundle } from '@go-agent/protocol/bundle-check';
import { tempDir } from '@go-agent/runtime/testing';
import AdmZip from 'adm-zip';
import { expect, test } from 'vitest';
import { ensureBuilt } from './build.ts';
import { buildBundle } from './build-bundle.ts';

const source = `
declare const __GO_AGENT_VERSION__: string;
export function main(): string { return __GO_AGENT_VERSION__; }
`;

async function makeBundle(folder: string, version: string, name = 'agent') {
  await writeFile(join(folder, 'entry.ts'), source);
  const file = join(folder, `${name}.zip`);
  return buildBundle({ name: 'agent', version, modules: { 'agent.mjs': join(folder, 'entry.ts') }, file });
}

test('the same sources make the same bytes, another version makes others', async () => {
  await using folder = await tempDir();
  const first = await makeBundle(folder.path, '1.0.0', 'first');
  const second = await makeBundle(folder.path, '1.0.0', 'second');
  expect((await readFile(first.file)).equals(await readFile(second.file))).toBe(true);
  expect((await makeBundle(folder.path, '2.0.0')).md5).not.toBe(first.md5);
});

test('a bundle passes the check of those who will read it, and its entry can be loaded by require', async () => {
  await using folder = await tempDir();
  const { file } = await makeBundle(folder.path, '3.2.1');
  const bundle = checkBundle('agent', new AdmZip(file).getEntries());
  if (!bundle.ok) throw new Error(bundle.reason);
  expect(bundle.manifest).toMatchObject({ name: 'agent', version: '3.2.1', entry: 'agent.mjs' });
  const entry = join(folder.path, bundle.manifest.entry);
  await writeFile(entry, bundle.files.get('agent.mjs') ?? '');
  const { main } = createRequire(entry)(entry) as { main: () => string };
  expect(main()).toBe('3.2.1');
});

test('modules of Node are asked for what is used, in each way to write it, and none is loaded as a whole', async () => {
  await using folder = await tempDir();
  await writeFile(
    join(folder.path, 'entry.ts'),
    `import path, { join as put, sep } from 'node:path';
     import util from 'node:util';
     import { text } from 'node:stream/consumers';
     import { createHash } from 'node:crypto';
     const join = (parts: string[]) => put(...parts);
     export const main = () => [
       join(['a', 'b']) === ['a', 'b'].join(sep), path.posix.sep, util.format('%d', 7), typeof text, typeof createHash,
       process.moduleLoadList.includes('NativeModule internal/crypto/webcrypto'),
     ];`,
  );
  const file = join(folder.path, 'agent.zip');
  const modules = { 'agent.mjs': join(folder.path, 'entry.ts') };
  await buildBundle({ name: 'agent', version: '1', modules, file });
  const source = new AdmZip(file).readAsText('agent.mjs');
  expect(source).not.toMatch(/^import /m);
  const entry = join(folder.path, 'agent.mjs');
  await writeFile(entry, source);
  const program = `console.log(JSON.stringify(require(${JSON.stringify(entry)}).main()))`;
  const { stdout } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
  expect(JSON.parse(stdout)).toEqual([true, '/', '7', 'function', 'function', false]);
});

test('what is built runs, carries its bundles, and is not built again; two builds at once do not disturb each other', async () => {
  await using folder = await tempDir();
  const dist = join(folder.path, 'dist');
  const [built] = await Promise.all([ensureBuilt({ dist }), ensureBuilt({ dist })]);
  const { stdout } = spawnSync(process.execPath, [built.goAgent, '--version'], { encoding: 'utf8' });
  expect(stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
  const entry = join(folder.path, 'entry.mjs');
  await writeFile(
    entry,
    'export const main = () => { console.log(process.argv.slice(1).join()); return 7; };',
  );
  const runner = join(dist, 'go-agent', 'run-entry.mjs');
  const ran = spawnSync(process.execPath, [runner, entry, 'argument'], { encoding: 'utf8' });
  expect(ran).toMatchObject({ stdout: `${entry},argument\n`, stderr: '', status: 7 });
  for (const name of ['agent-launcher', 'agent'] as const) {
    const offered = await readFile(join(built.bundles, `${name}.zip`));
    expect(checkBundle(name, new AdmZip(offered).getEntries()).ok).toBe(true);
    expect(offered.equals(await readFile(join(dist, 'go-agent', 'bundles', `${name}.zip`)))).toBe(true);
  }
  const marker = join(built.bundles, 'agent.zip');
  await writeFile(marker, 'untouched');
  await ensureBuilt({ dist });
  expect(await readFile(marker, 'utf8')).toBe('untouched');
});
