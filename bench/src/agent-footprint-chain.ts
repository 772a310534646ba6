import { readdirSync, readFileSync } from 'node:fs';

/** One process of a chain, Linux only. */
export interface ChainMember {
  readonly name: string;
  readonly pid: number;
  readonly pssMib: number;
  readonly privateMib: number;
}

/** A process, its child, that one's child and so on; as many as there are. */
export function chainOf(pid: number, names: readonly string[]): readonly ChainMember[] {
  const chain: ChainMember[] = [];
  for (let at: number | undefined = pid; at !== undefined; at = onlyChildOf(at))
    chain.push({ name: names[chain.length] ?? `process ${at}`, pid: at, ...memoryOf(at) });
  return chain;
}

/** Processor time of all threads so far, in nanoseconds. */
export function processorNs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce(
    (sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]),
    0,
  );
}

function onlyChildOf(pid: number): number | undefined {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return children[0];
}

function memoryOf(pid: number): Pick<ChainMember, 'pssMib' | 'privateMib'> {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mib = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? Number.NaN) / 1024;
  return { pssMib: mib('Pss'), privateMib: mib('Private_Clean') + mib('Private_Dirty') };
}
