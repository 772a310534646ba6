export interface MeasuredFolder {
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
  /** What it takes of the disk. */
  readonly bytes: number;
}

export interface SpaceLimits {
  /** Milliseconds for which a folder may lie unused. 0: for ever. */
  readonly maxAgeMs: number;
  /** What all folders may take together. 0: anything. */
  readonly maxBytes: number;
}

export type Removal<T extends MeasuredFolder> = T & { readonly why: 'age' | 'size' | 'disk' };

/**
 * Which folders have to go, least recently used first: those that nobody has used for too long, then as many as make the rest fit.
 * @param lackingBytes what the disk lacks; nothing is removed for its sake unless that is enough
 */
export function chooseRemovals<T extends MeasuredFolder>(
  folders: readonly T[],
  { maxAgeMs, maxBytes }: SpaceLimits,
  now: number,
  lackingBytes = 0,
): readonly Removal<T>[] {
  let left = folders.reduce((sum, { bytes }) => sum + bytes, 0);
  let lacking = lackingBytes <= left ? lackingBytes : 0;
  const removals: Removal<T>[] = [];
  for (const folder of folders.toSorted((a, b) => a.usedAt - b.usedAt)) {
    const isOld = maxAgeMs > 0 && now - folder.usedAt > maxAgeMs;
    const isTooMuch = maxBytes > 0 && left > maxBytes;
    if (!isOld && !isTooMuch && lacking <= 0) continue;
    removals.push({ ...folder, why: isOld ? 'age' : isTooMuch ? 'size' : 'disk' });
    left -= folder.bytes;
    lacking -= folder.bytes;
  }
  return removals;
}
