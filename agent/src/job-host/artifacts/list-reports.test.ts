import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { publishReports } from './publish-reports.ts';
import type { TransferContext } from './transfer-context.ts';

const PACKAGES = 16;

/** Packages with a report each, all of which link to all others, as workspaces do. */
async function packages(root: string): Promise<string> {
  const all = Array.from({ length: PACKAGES }, (_, i) => `p${i}`);
  for (const own of all) {
    await mkdir(join(root, own, 'node_modules'), { recursive: true });
    await writeFile(join(root, own, 'a.xml'), '<testsuite name="s"><testcase name="a"/></testsuite>');
    for (const other of all) await symlink(join(root, other), join(root, own, 'node_modules', other));
  }
  return root;
}

async function publish(matches: readonly string[], folder: string, cancelled: AbortSignal): Promise<unknown> {
  const console = { line: () => undefined, masker: () => undefined };
  const context = { console, cancelled, folder } as unknown as TransferContext;
  let counts = '';
  const upload = async ([, , own]: readonly { readonly source: string }[]) => {
    counts = await readFile(own?.source ?? '', 'utf8');
    return true;
  };
  await publishReports(matches, context, upload, true);
  return JSON.parse(counts);
}

test('the reports of packages that all link to one another are counted, each once', async () => {
  await using dir = await tempDir();
  const root = await packages(join(dir.path, 'root'));
  const matches = [root, join(root, 'p0/node_modules'), join(root, 'p1/a.xml')];
  const { signal } = new AbortController();
  expect(await publish(matches, dir.path, signal)).toMatchObject({ tests: PACKAGES, passed: PACKAGES });
});

test('the search for reports ends when the job is cancelled', async () => {
  await using dir = await tempDir();
  const root = await packages(join(dir.path, 'root'));
  await expect(publish([root], dir.path, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
});
