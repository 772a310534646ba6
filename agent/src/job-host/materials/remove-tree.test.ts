import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { othersMayEnter, tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { removeTree } from './remove-tree.ts';

/** Somebody whom permissions bind, which they do not root. */
const NOBODY = 65_534;

const AS_ROOT = process.getuid?.() === 0;

// Root does it as somebody else, who has to get to the module.
test.skipIf(AS_ROOT && !othersMayEnter(import.meta.dirname))(
  'removes folders that forbid it, and nothing that a link leads to',
  async () => {
    await using dir = await tempDir();
    const outside = join(dir.path, 'outside');
    const tree = join(dir.path, 'tree');
    const inner = join(tree, 'inner');
    await mkdir(inner, { recursive: true });
    await mkdir(outside, { mode: 0o500 });
    await writeFile(join(inner, 'file'), '');
    await symlink(outside, join(inner, 'link'));
    if (AS_ROOT) for (const path of [dir.path, outside, tree, inner]) await chown(path, NOBODY, NOBODY);
    for (const path of [inner, tree]) await chmod(path, 0o500);
    const module = JSON.stringify(new URL('./remove-tree.ts', import.meta.url).href);
    const script = `const { removeTree } = await import(${module}); await removeTree(${JSON.stringify(tree)});`;
    const user = AS_ROOT ? { uid: NOBODY, gid: NOBODY } : {};
    execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: '/',
      stdio: 'pipe',
      ...user,
    });
    await expect(stat(tree)).rejects.toThrow('ENOENT');
    expect((await stat(outside)).mode & 0o777).toBe(0o500);
  },
);

test('a path that does not exist is removed already', async () => {
  await using dir = await tempDir();
  await expect(removeTree(join(dir.path, 'none'))).resolves.toBeUndefined();
});
