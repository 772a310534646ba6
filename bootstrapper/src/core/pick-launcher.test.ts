import { expect, test } from 'vitest';
import { downloadedCandidates } from './pick-launcher.ts';

const carried = 'c'.repeat(32);
const a = 'a'.repeat(32);
const b = 'b'.repeat(32);

for (const [title, state, expected] of [
  ['no state', {}, []],
  ['nothing downloaded', { current: carried, carriedMd5: carried }, []],
  ['a downloaded one', { current: a, carriedMd5: carried }, [a]],
  ['a downloaded one and the last good one', { current: a, lastGood: b, carriedMd5: carried }, [a, b]],
  ['one that is both', { current: a, lastGood: a, carriedMd5: carried }, [a]],
  [
    'a downloaded one, and the carried one was the last good one',
    { current: a, lastGood: carried, carriedMd5: carried },
    [a],
  ],
  [
    'the carried one is current, and a downloaded one the last good one',
    { current: carried, lastGood: b, carriedMd5: carried },
    [],
  ],
  ['a bootstrapper that was upgraded by hand', { current: a, lastGood: b, carriedMd5: a }, []],
  ['names that are no MD5', { current: '../../evil', lastGood: 7, carriedMd5: carried }, []],
] as const) {
  test(`downloaded launchers to try with ${title}: ${expected.length}`, () => {
    expect(downloadedCandidates(state, carried)).toEqual(expected);
  });
}
