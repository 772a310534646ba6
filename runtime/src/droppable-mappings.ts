/** Of a process's address space, in bytes: from `start` to before `end`. */
export interface MemoryRange {
  readonly start: bigint;
  readonly end: bigint;
}

interface Mapping extends MemoryRange {
  readonly permissions: string;
  readonly offset: bigint;
  readonly path: string;
  /** The lines that follow, by name, such as `Private_Dirty`. */
  readonly details: ReadonlyMap<string, string>;
}

/**
 * Those mappings of a program's own image that are nothing but a view of its file: what is dropped of them comes back from the file.
 * None that can be written, or of which one page was (relocated data that is read-only by now), wherever that page is at the moment.
 * Only the image as it was loaded, which stays where it is for as long as the process lives; not the copies that V8 makes of parts of it.
 * @param smaps the text of /proc/self/smaps
 * @param executable what /proc/self/exe links to
 */
export function droppableMappings(smaps: string, executable: string): MemoryRange[] {
  const image: Mapping[] = [];
  for (const mapping of parse(smaps)) {
    const last = image.at(-1);
    if (last === undefined ? mapping.offset !== 0n : mapping.start !== last.end) continue;
    if (mapping.path === executable) image.push(mapping);
  }
  return image.filter(isView).map(({ start, end }) => ({ start, end }));
}

function isView({ permissions, details }: Mapping): boolean {
  // Of memory that could ever be written the system keeps account.
  const wasWritable = details.get('VmFlags')?.split(' ').includes('ac') ?? true;
  const isNone = (name: string) => details.get(name) === '0 kB';
  return !wasWritable && /^r-[-x]p$/.test(permissions) && UNCHANGED.every(isNone);
}

const UNCHANGED = ['Anonymous', 'Private_Dirty', 'Shared_Dirty', 'Swap', 'Locked'];

function parse(smaps: string): Mapping[] {
  const mappings: (Mapping & { readonly details: Map<string, string> })[] = [];
  for (const line of smaps.split('\n')) {
    const detail = /^(\w+): +(.*?) *$/.exec(line);
    if (detail !== null) {
      mappings.at(-1)?.details.set(detail[1] ?? '', detail[2] ?? '');
      continue;
    }
    const head = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) ([0-9a-f]+) \S+ \d+ *(.*)$/.exec(line);
    if (head === null) continue;
    const [, start = '', end = '', permissions = '', offset = '', path = ''] = head;
    const at = (hex: string) => BigInt(`0x${hex}`);
    mappings.push({
      start: at(start),
      end: at(end),
      permissions,
      offset: at(offset),
      path,
      details: new Map(),
    });
  }
  return mappings;
}
