import { expect, test } from 'vitest';
import { launcherCandidates } from './pick-launcher.ts';

const carried = 'c'.repeat(32);
const a = 'a'.repeat(32);
const b = 'b'.repeat(32);

for (const [title, state, expected] of [
  ['no state', {}, [carried]],
  ['nothing downloaded', { current: carried, carriedMd5: carried }, [carried]],
  ['a downloaded one', { current: a, carriedMd5: carried }, [a, carried]],
  [
    'a downloaded one and the last good one',
    { current: a, lastGood: b, carriedMd5: carried },
    [a, b, carried],
  ],
  ['one that is both', { current: a, lastGood: a, carriedMd5: carried }, [a, carried]],
  [
    'a downloaded one, and the carried one was the last good one',
    { current: a, lastGood: carried, carriedMd5: carried },
    [a, carried],
  ],
  [
    'the carried one is current, and a downloaded one the last good one',
    { current: carried, lastGood: b, carriedMd5: carried },
    [carried, b],
  ],
  ['a bootstrapper that was upgraded by hand', { current: a, lastGood: b, carriedMd5: a }, [carried, a, b]],
  ['names that are no MD5', { current: '../../evil', lastGood: 7, carriedMd5: carried }, [carried]],
] as const) {
  test(`launchers to try with ${title}: ${expected.length}`, () => {
    expect(launcherCandidates(state, carried)).toEqual(expected);
  });
}
