import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PIECE_BYTES = 64 * 1024;

/**
 * Makes a folder of so many files of 64 KiB each, so that it takes inodes too, in place of what is there. Their content is random, since
 * a file system may compress.
 * @returns false if the disk, or the user's part of it, is full; then the folder is not there
 * @throws what else the file system reports
 */
export function takeRoom(folder: string, pieces: number): boolean {
  try {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { mode: 0o700 });
    for (let piece = 0; piece < pieces; piece++)
      writeFileSync(join(folder, String(piece)), randomBytes(PIECE_BYTES), { mode: 0o600 });
    return true;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') return false;
    throw error;
  }
}

/**
 * False if the disk is so full that it does not even take some files of 64 KiB: then nothing that fails proves anything.
 * @param parent a folder in which nobody else looks for room at the same time; one that cannot be written is not for lack of room
 */
export function hasRoom(parent: string, pieces = 1): boolean {
  const folder = join(parent, 'room');
  try {
    const isTaken = takeRoom(folder, pieces);
    rmSync(folder, { recursive: true, force: true });
    return isTaken;
  } catch {
    return true;
  }
}
