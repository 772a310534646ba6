import { expect, test } from 'vitest';
import { parsePs, type TableEntry } from './process-table.ts';
import { selectTree, type TreeMemory } from './select-tree.ts';

const SELF = 10;

function entry(pid: number, fields: Partial<TableEntry> & { marked?: boolean } = {}): TableEntry {
  const { marked = false, ...rest } = fields;
  return { pid, ppid: 1, pgrp: pid, session: pid, startTime: pid, environmentHas: () => marked, ...rest };
}

function select(table: TableEntry[], memory: Partial<TreeMemory>): number[] {
  const all = { marker: 'm', members: [], groups: new Map<number, number | null>(), ...memory };
  return selectTree([entry(SELF), ...table], all, SELF)
    .entries.map(({ pid }) => pid)
    .toSorted((a, b) => a - b);
}

test('finds a known process, its descendants, and those of its session', () => {
  const table = [
    entry(20),
    entry(21, { ppid: 20 }),
    entry(22, { ppid: 21 }),
    entry(23, { ppid: 1, session: 20 }),
    entry(24, { ppid: 1, pgrp: 22 }),
    entry(30),
  ];
  expect(select(table, { members: [{ pid: 20, startTime: 20 }] })).toEqual([20, 21, 22, 23, 24]);
});

test('finds what a leader that is gone has left in its session', () => {
  expect(select([entry(21, { session: 20, pgrp: 20 }), entry(30)], { groups: new Map([[20, 20]]) })).toEqual([
    21,
  ]);
});

test('finds a marked orphan with a session of its own, and its unmarked sibling there', () => {
  expect(select([entry(40, { marked: true, session: 39 }), entry(41, { session: 39 })], {})).toEqual([
    40, 41,
  ]);
});

test('does not take a process that got the number of one that is gone', () => {
  const stranger = entry(20, { startTime: 99 });
  const memory = { members: [{ pid: 20, startTime: 20 }], groups: new Map([[20, 20]]) };
  expect(select([stranger, entry(21, { ppid: 20, session: 20 })], memory)).toEqual([]);
});

test('never takes the process that looks, its own session, or the first process', () => {
  const table = [
    entry(1, { marked: true }),
    entry(50, { marked: true, ppid: SELF, session: SELF, pgrp: SELF }),
    entry(51, { session: SELF, pgrp: SELF }),
  ];
  expect(select(table, {})).toEqual([50]);
});

test('forgets the groups that have nobody left', () => {
  const memory = {
    marker: 'm',
    members: [],
    groups: new Map([
      [20, 20],
      [30, 30],
    ]),
  };
  expect([...selectTree([entry(31, { session: 30, pgrp: 30 })], memory, SELF).groups.keys()]).toEqual([30]);
});

test('reads what ps prints on macOS, without zombies', () => {
  const output = `    1     0     1 Ss   /sbin/launchd
  501     1   501 S+   /bin/sh -c sleep 9 GO_AGENT_JOB_MARKER=abc PATH=/bin
  502   501   501 Z    (sh)
`;
  const table = parsePs(output);
  expect(table.map(({ pid, ppid, pgrp }) => [pid, ppid, pgrp])).toEqual([
    [1, 0, 1],
    [501, 1, 501],
  ]);
  expect(table.map(({ environmentHas }) => environmentHas('abc'))).toEqual([false, true]);
});
