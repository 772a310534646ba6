import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { KEY, testCluster } from '../testing/provider-bench.ts';
import { commandProvider } from './provider.ts';

test('orders that a crash of the plugin left behind, with their keys, are removed at its next start, and only then', async () => {
  await using data = await tempDir();
  const leave = () => {
    mkdirSync(join(data.path, 'order-x'));
    writeFileSync(join(data.path, 'order-x', 'key'), KEY);
  };
  const provider = commandProvider({ node: process.execPath, goAgent: '/nowhere', env: {} });
  const properties = { create_command: 'true', list_command: "echo '[]'", delete_command: 'true' };
  leave();
  await testCluster(provider, properties, data.path, 'c1');
  expect(readdirSync(data.path)).toEqual([]);
  leave();
  await testCluster(provider, properties, data.path, 'c2');
  expect(readdirSync(data.path)).toEqual(['order-x']);
});
