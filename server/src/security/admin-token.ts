import { createHash, timingSafeEqual } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, writeFileAtomic } from '@go-agent/runtime';
import { isMissing } from '../http/missing-file.ts';
import { makeKey } from './make-key.ts';

/**
 * The administrator's access token. Only its SHA-256 is stored: it is 256 random bits, so there is nothing to guess. The
 * file is read at each check, so that `go-server token --reset` counts at once, also beside a running server.
 */
export class AdminToken {
  readonly #path: string;

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'security', 'admin-token.sha256');
  }

  /** The new token if there was none yet; it is never shown again. */
  async createIfMissing(): Promise<string | undefined> {
    return (await this.#stored()) === undefined ? this.reset() : undefined;
  }

  /** Makes a new token; the old one is worth nothing from now on. */
  async reset(): Promise<string> {
    const token = makeKey();
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    await writeFileAtomic(this.#path, `${sha256(token).toString('hex')}\n`, { mode: 0o600 });
    return token;
  }

  async matches(token: string): Promise<boolean> {
    const stored = await this.#stored();
    return stored !== undefined && timingSafeEqual(stored, sha256(token));
  }

  /** @throws AppError `admin-token-file` */
  async #stored(): Promise<Buffer | undefined> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    if (/^[0-9a-f]{64}\s*$/.test(text)) return Buffer.from(text.trim(), 'hex');
    throw new AppError(
      'admin-token-file',
      `${this.#path} is damaged; make a new token with: go-server token --reset`,
    );
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
