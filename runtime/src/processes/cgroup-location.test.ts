import { expect, test } from 'vitest';
import { cgroupFolder, parseCgroupMounts, parseOwnCgroup } from './cgroup-location.ts';

const HYBRID = `23 1 0:21 / / rw,relatime - ext4 /dev/vda rw
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
38 31 0:35 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw
`;

test('finds the unified hierarchy at its usual place and beside cgroup v1', () => {
  expect(parseCgroupMounts(HYBRID)).toEqual([{ root: '/', mountPoint: '/sys/fs/cgroup/unified' }]);
  expect(parseCgroupMounts('30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate')).toEqual([
    { root: '/', mountPoint: '/sys/fs/cgroup' },
  ]);
  expect(parseCgroupMounts('30 23 0:26 / /mnt/my\\040groups rw - cgroup2 none rw')[0]?.mountPoint).toBe(
    '/mnt/my groups',
  );
  expect(parseCgroupMounts('')).toEqual([]);
});

test('reads the own group, which only cgroup v2 gives without controllers', () => {
  expect(parseOwnCgroup('8:pids:/x\n1:name=systemd:/y\n0::/user.slice/a b\n')).toBe('/user.slice/a b');
  expect(parseOwnCgroup('8:pids:/x\n')).toBeNull();
});

test('finds the folder of a group where only a part of the hierarchy is mounted', () => {
  const mounts = [
    { root: '/docker/1', mountPoint: '/elsewhere' },
    { root: '/docker/2', mountPoint: '/sys/fs/cgroup' },
  ];
  expect(cgroupFolder('/docker/2/job', mounts)).toBe('/sys/fs/cgroup/job');
  expect(cgroupFolder('/docker/2', mounts)).toBe('/sys/fs/cgroup');
  expect(cgroupFolder('/docker/22', mounts)).toBeNull();
  expect(cgroupFolder('/', mounts)).toBeNull();
});
