const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_LENGTH = 22;

interface Region {
  readonly from: number;
  readonly to: number;
}

/**
 * Why a zip is not of the plainest kind; undefined if it is. Plain: files one after the other from the first byte on, then
 * the directory, then its end, and nothing else; no file overlaps another, none is encrypted, none is stored as anything
 * but itself or deflated. So no two readers can see different files in it, and what it can unpack to is what it says.
 */
export function whyNotPlainZip(zip: Buffer): string | undefined {
  const end = zip.length - END_LENGTH;
  if (end < 0 || zip.readUInt32LE(end) !== END || zip.readUInt16LE(end + 20) !== 0)
    return 'it does not end with the end of a zip directory';
  const count = zip.readUInt16LE(end + 10);
  const directory = zip.readUInt32LE(end + 16);
  if (directory + zip.readUInt32LE(end + 12) !== end) return 'there is something after its directory';
  const regions: Region[] = [];
  let at = directory;
  for (let index = 0; index < count; index++) {
    if (at + 46 > end || zip.readUInt32LE(at) !== CENTRAL) return 'its directory is damaged';
    const region = readRegion(zip, at, directory);
    if (typeof region === 'string') return region;
    regions.push(region);
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  if (at !== end) return 'its directory has another length than it says';
  let covered = 0;
  for (const { from, to } of regions.toSorted((a, b) => a.from - b.from)) {
    if (from !== covered)
      return from < covered ? 'its files overlap' : 'there is something between its files';
    covered = to;
  }
  return covered === directory ? undefined : 'there is something between its files and its directory';
}

/** Where the file of the directory's entry at `at` lies, with its own header; or what is wrong with it. */
function readRegion(zip: Buffer, at: number, directory: number): Region | string {
  const flags = zip.readUInt16LE(at + 8);
  const method = zip.readUInt16LE(at + 10);
  const compressed = zip.readUInt32LE(at + 20);
  const from = zip.readUInt32LE(at + 42);
  if ((flags & 1) !== 0) return 'a file of it is encrypted';
  if (method !== 0 && method !== 8) return `a file of it is compressed by method ${method}`;
  if (method === 0 && compressed !== zip.readUInt32LE(at + 24)) return 'a stored file of it has two sizes';
  if (from + 30 > directory || zip.readUInt32LE(from) !== LOCAL) return 'a file of it is not where it says';
  const name = zip.readUInt16LE(from + 26);
  const own = zip.subarray(from + 30, from + 30 + name);
  if (!own.equals(zip.subarray(at + 46, at + 46 + zip.readUInt16LE(at + 28))))
    return 'a file of it has two names';
  return { from, to: from + 30 + name + zip.readUInt16LE(from + 28) + compressed };
}
