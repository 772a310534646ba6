import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { comparePlace, type ProcessPlace, processPlace } from './process-place.ts';

const here: ProcessPlace = { bootId: 'boot', machine: 'machine', pidNamespace: 'pid:[1]' };
const nothing: ProcessPlace = { bootId: null, machine: null, pidNamespace: null };

test.each([
  ['the same place', here, here, 'here'],
  ['another container', { ...here, pidNamespace: 'pid:[2]' }, here, 'foreign'],
  [
    'another container with a machine id of its own',
    { ...here, machine: 'm2', pidNamespace: 'pid:[2]' },
    here,
    'foreign',
  ],
  ['a file system of its own, with the pids from here', { ...here, machine: 'm2' }, here, 'here'],
  ['this machine before its restart', { ...here, bootId: 'earlier', pidNamespace: 'pid:[2]' }, here, 'gone'],
  ['another machine', { ...here, bootId: 'b2', machine: 'm2' }, here, 'foreign'],
  ['a machine that nothing is known of', { ...here, bootId: 'b2', machine: null }, here, 'foreign'],
  [
    'another machine without a boot id',
    { ...nothing, machine: 'm2' },
    { ...nothing, machine: 'm1' },
    'foreign',
  ],
  ['a system that tells nothing', nothing, nothing, 'here'],
  ['an older version here', { bootId: 'boot' }, here, 'here'],
  ['an older version before the restart', { bootId: 'earlier' }, here, 'gone'],
] as const)('%s', (_title, there, place, expected) => {
  expect(comparePlace(there, place)).toBe(expected);
});

test.runIf(process.platform === 'linux')(
  'this process knows its place, and keeps the id of the machine to itself',
  async () => {
    const place = await processPlace();
    expect(place.bootId).toMatch(/^[0-9a-f-]{36}$/);
    expect(place.pidNamespace).toMatch(/^pid:\[\d+\]$/);
    const id = await readFile('/etc/machine-id', 'utf8').catch(() => 'none');
    expect(place.machine).not.toBe(id.trim());
  },
);
