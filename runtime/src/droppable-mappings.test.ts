import { expect, test } from 'vitest';
import { droppableMappings } from './droppable-mappings.ts';

const NODE = '/opt/node/bin/node';

/** As Linux 6.18 told of Node 26.10 with a worker thread: [range, permissions, offset, path, dirty and anonymous kB, flags]. */
const RECORDED = [
  ['00400000-0082e000', 'r--p', '00000000', NODE, 0, 'rd mr mw me'],
  ['0082e000-03489000', 'r-xp', '0042e000', NODE, 0, 'rd ex mr mw me'],
  ['03489000-072a7000', 'r--p', '03089000', NODE, 0, 'rd mr mw me'],
  ['072a7000-072dc000', 'r--p', '06ea7000', NODE, 24, 'rd mr mw me ac'],
  ['072dc000-07308000', 'rw-p', '06edc000', NODE, 152, 'rd wr mr mw me ac'],
  ['07308000-0735a000', 'rw-p', '00000000', '', 112, 'rd wr mr mw me ac'],
  ['1d3a1000-1d5cf000', 'rw-p', '00000000', '[heap]', 1988, 'rd wr mr mw me ac'],
  ['2abc00000000-2abc00040000', 'r--p', '00000000', '', 256, 'rd mr mw me ac'],
  ['7fccebdc0000-7fccebfd5000', 'r-xp', '01627000', NODE, 0, 'rd ex mr mw me'],
  ['7fcd3a4a0000-7fcd3a4a2000', 'r--p', '00000000', '/usr/lib/libatomic.so.1.2.0', 0, 'rd mr mw me'],
  ['7fcd3a4b3000-7fcd3a4b5000', 'r-xp', '00000000', '[vdso]', 0, 'rd ex mr mw me de'],
] as const;

type Row = readonly [string, string, string, string, number, string];

function smaps(rows: readonly Row[], more: Readonly<Record<string, string>> = {}): string {
  return rows
    .map(([range, permissions, offset, path, dirty, flags]) =>
      [
        `${range} ${permissions} ${offset} fe:00 10283154                           ${path}`,
        ...Object.entries({
          Rss: '56 kB',
          Pss: '18 kB',
          Shared_Dirty: '0 kB',
          Private_Clean: '32 kB',
          Private_Dirty: `${dirty} kB`,
          Anonymous: `${dirty} kB`,
          Swap: '0 kB',
          Locked: '0 kB',
          THPeligible: '0',
          VmFlags: `${flags} `,
          ...more,
        }).map(([name, text]) => `${name}:`.padEnd(16) + text),
      ].join('\n'),
    )
    .join('\n');
}

const ranges = (text: string, executable = NODE) =>
  droppableMappings(text, executable).map(({ start, end }) => `${start.toString(16)}-${end.toString(16)}`);

test('of a program the text and the constants are dropped; not what was relocated or written, nor the heap, libraries and copies', () => {
  expect(ranges(smaps(RECORDED))).toEqual(['400000-82e000', '82e000-3489000', '3489000-72a7000']);
});

test('what was relocated is kept also when all its pages are swapped out, and by each sign alone', () => {
  const relocated = ['072a7000-072dc000', 'r--p', '00000000', NODE, 0, 'rd mr mw me'] as const;
  expect(ranges(smaps([relocated]))).toHaveLength(1);
  for (const [name, text] of [
    ['Swap', '24 kB'],
    ['Anonymous', '4 kB'],
    ['Private_Dirty', '4 kB'],
    ['Shared_Dirty', '4 kB'],
    ['Locked', '56 kB'],
    ['VmFlags', 'rd mr mw me ac '],
  ] as const)
    expect(ranges(smaps([relocated], { [name]: text })), name).toEqual([]);
});

test('nothing is dropped of an image that is not the executable, does not begin with its first byte, or whose details are missing', () => {
  expect(ranges(smaps(RECORDED), '/opt/other')).toEqual([]);
  expect(ranges(smaps(RECORDED.slice(1)))).toEqual([]);
  expect(ranges(smaps(RECORDED).replaceAll(/^VmFlags.*$/gm, ''))).toEqual([]);
  expect(ranges(smaps(RECORDED).replaceAll(/^Swap.*$/gm, ''))).toEqual([]);
  expect(ranges('')).toEqual([]);
});

test('an executable that was replaced while it runs is still known', () => {
  expect(ranges(smaps(RECORDED).replaceAll(NODE, `${NODE} (deleted)`), `${NODE} (deleted)`)).toHaveLength(3);
});
