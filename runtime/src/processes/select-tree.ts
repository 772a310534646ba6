import type { ProcessIdentity } from '../process-identity.ts';
import type { TableEntry } from './process-table.ts';

/** What is known of a tree from its start and from earlier looks. */
export interface TreeMemory {
  readonly marker: string;
  /** Processes that belonged to it when they were last seen. */
  readonly members: readonly ProcessIdentity[];
  /** Sessions and process groups that belong to it as a whole, each with the start time of its leader if that is known. */
  readonly groups: ReadonlyMap<number, number | null>;
}

/** What belongs to a tree now, and so what to remember of it. */
export interface TreeSelection {
  readonly entries: readonly TableEntry[];
  /** Those that have entries. A number without any may come to belong to a stranger. */
  readonly groups: ReadonlyMap<number, number | null>;
}

/**
 * The processes of the tree: known ones, those of its sessions and groups, those with its marker, and the descendants
 * of all these. A process that is nobody's child any more is found by what it shares with others.
 * @param self the pid of the process that looks, which is never part of the tree
 */
export function selectTree(table: readonly TableEntry[], memory: TreeMemory, self: number): TreeSelection {
  const own = table.find(({ pid }) => pid === self);
  const candidates = table.filter(({ pid }) => pid !== self && pid > 1);
  const byPid = new Map(candidates.map((entry) => [entry.pid, entry]));
  const known = new Map(memory.members.map(({ pid, startTime }) => [pid, startTime]));
  const groups = new Map([...memory.groups].filter(([group, since]) => !isReused(byPid.get(group), since)));
  const selected = new Set<TableEntry>();
  const add = (entry: TableEntry) => {
    selected.add(entry);
    for (const group of groupsOf(entry)) {
      const foreign = group <= 1 || group === own?.pgrp || group === own?.session;
      if (!foreign && !groups.has(group)) groups.set(group, byPid.get(group)?.startTime ?? null);
    }
  };
  for (const entry of candidates) {
    if (known.get(entry.pid) === entry.startTime || entry.environmentHas(memory.marker)) add(entry);
  }
  for (let before = -1; before !== selected.size; ) {
    before = selected.size;
    const pids = new Set([...selected].map(({ pid }) => pid));
    for (const entry of candidates) {
      if (selected.has(entry)) continue;
      if (pids.has(entry.ppid) || groupsOf(entry).some((group) => groups.has(group))) add(entry);
    }
  }
  const inUse = new Set([...selected].flatMap(groupsOf));
  return { entries: [...selected], groups: new Map([...groups].filter(([group]) => inUse.has(group))) };
}

function groupsOf({ pgrp, session }: TableEntry): number[] {
  return session === null ? [pgrp] : [pgrp, session];
}

/** The group's number is the pid of a process that started later than the group's leader: it is another group now. */
function isReused(leader: TableEntry | undefined, since: number | null): boolean {
  return leader !== undefined && since !== null && leader.startTime !== since;
}
