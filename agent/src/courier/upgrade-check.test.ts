import { expect, test } from 'vitest';
import { newBundle } from './upgrade-check.ts';

test.each([
  [{}, undefined, undefined],
  [{ agent: 'a' }, undefined, undefined],
  [{}, {}, undefined],
  [{ agent: 'a' }, {}, undefined],
  [{}, { agent: 'a' }, 'agent'],
  [{ agent: 'A', launcher: 'l', plugins: 'p' }, { agent: 'a', launcher: 'l', plugins: 'p' }, undefined],
  [{ agent: 'a', launcher: 'l' }, { agent: 'b', launcher: 'm' }, 'agent'],
  [{ agent: 'a', launcher: 'l' }, { agent: 'a', launcher: 'm' }, 'launcher'],
  [{ agent: 'a', plugins: 'p' }, { agent: 'a', plugins: 'q' }, 'plugins'],
] as const)(
  'launched with %o and now offered %o, the new bundle is %s',
  (launchedWith, offered, expected) => {
    expect(newBundle(launchedWith, offered)).toBe(expected);
  },
);
