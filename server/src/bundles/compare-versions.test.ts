import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions } from './compare-versions.ts';

test('versions are ordered as people count them', () => {
  const ordered = ['0.9', '1.0.0-rc.2', '1.0.0-rc.10', '1.0.0', '1.0.1', '1.2', '1.10', '26.2.0', '26.11'];
  expect(ordered.toReversed().toSorted(compareVersions)).toEqual(ordered);
  expect(compareVersions('1.0.0+build.1', '1.0.0+build.2')).toBe(0);
});

test('the order is one, whatever the versions look like', () => {
  const version = fc.stringMatching(/^[0-9a-c.+-]{0,8}$/);
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      const isOneOrder = Math.sign(compareVersions(a, b)) === 0 - Math.sign(compareVersions(b, a));
      const isChain = compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0;
      return isOneOrder && (!isChain || compareVersions(a, c) <= 0);
    }),
  );
});
