import { lstat, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CONSOLE_LOG, MD5_CHECKSUM, SHA256_CHECKSUM } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime';
import { isMissing } from '../http/missing-file.ts';
import { isPlainName } from './file-address.ts';

const KEPT: readonly string[] = [CONSOLE_LOG, MD5_CHECKSUM, SHA256_CHECKSUM];

/** Where the files of one job go. Folders are made, and looked at, once; none of them is reached through a link. */
export class ArtifactPlaces {
  readonly #root: string;
  readonly #ready = new Map<string, Promise<string>>();

  /** @param root the job's folder */
  constructor(root: string) {
    this.#root = root;
  }

  /**
   * The place of a file, whose folder is there.
   * @param path below the job's folder, with `/`
   * @throws AppError `artifact-save` for a path that leaves the folder or is the server's own
   */
  async file(path: string): Promise<string> {
    const parts = path.split('/');
    const isBad = parts.some((part) => part === '' || part === '.' || !isPlainName(part));
    if (isBad || KEPT.includes(path)) {
      throw new AppError('artifact-save', `${JSON.stringify(path)} is no place for an artifact`);
    }
    return join(await this.folder(parts.slice(0, -1).join('/')), parts.at(-1) ?? '');
  }

  /** A folder that is there; the job's own for an empty path, which must be a checked one. */
  folder(path: string): Promise<string> {
    let ready = this.#ready.get(path);
    if (ready === undefined) {
      ready = this.#make(path);
      this.#ready.set(path, ready);
    }
    return ready;
  }

  async #make(path: string): Promise<string> {
    if (path === '') {
      await mkdir(this.#root, { recursive: true });
      return this.#root;
    }
    const above = dirname(path);
    const folder = join(await this.folder(above === '.' ? '' : above), path.slice(path.lastIndexOf('/') + 1));
    try {
      await mkdir(folder);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      await mustBeFolder(folder, path);
    }
    return folder;
  }
}

/** Through a link to a folder, what is written would land elsewhere. */
async function mustBeFolder(folder: string, path: string): Promise<void> {
  const found = await lstat(folder).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (found?.isDirectory()) return;
  throw new AppError(
    'artifact-save',
    `${path} is a file or a link already, so nothing can be saved below it`,
  );
}
