import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '..', '..', '..', 'examples', 'elastic', 'command');
const scripts = readdirSync(folder).filter((name) => name.endsWith('.sh'));

test('there is an example for each of the clouds that the documentation names', () => {
  expect(scripts.toSorted()).toEqual(
    ['aws', 'azure', 'gcp', 'hetzner', 'incus', 'libvirt', 'openstack'].map((name) => `${name}.sh`),
  );
});

test.each(scripts)('%s is a script that bash can read', async (name) => {
  await promisify(execFile)('bash', ['-n', join(folder, name)]);
});
