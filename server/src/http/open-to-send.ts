import type { Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/**
 * Opens a file and looks at it. The caller closes it; if the look fails, it is closed here.
 * @throws what the file system reports
 */
export async function openToSend(
  path: string,
): Promise<{ readonly file: FileHandle; readonly stats: Stats }> {
  const file = await open(path, 'r');
  try {
    return { file, stats: await file.stat() };
  } catch (error) {
    await file.close();
    throw error;
  }
}
