// Seals what must not be readable in the database or in pipeline files. AES-256-GCM with a key of this server's own.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, Secret } from '@go-agent/runtime/core';

const PREFIX = 'sealed:v1:';
const KEY_FILE = 'secrets.key';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export class SecretBox {
  readonly #key: Secret;

  /** @param key 32 bytes in base64 */
  constructor(key: Secret) {
    this.#key = key;
  }

  seal(plain: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#keyBytes(), nonce);
    const sealed = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${PREFIX}${sealed.toString('base64url')}`;
  }

  /** @throws AppError `secret-unreadable`: made by another server, or damaged. The text itself is not in the message. */
  open(sealed: string): string {
    if (!sealed.startsWith(PREFIX)) throw unreadable(foreignReason(sealed));
    const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) throw unreadable('it is cut short');
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#keyBytes(), bytes.subarray(0, NONCE_BYTES));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const plain = Buffer.concat([
        decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)),
        decipher.final(),
      ]);
      return plain.toString('utf8');
    } catch (error) {
      throw unreadable('it was sealed with another key, or was changed', error);
    }
  }

  #keyBytes(): Buffer {
    return Buffer.from(this.#key.reveal(), 'base64');
  }
}

/** The box whose key lies in `dataDir`; made with mode 0600 at the first start. */
export async function openSecretBox(dataDir: string): Promise<SecretBox> {
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, KEY_FILE);
  try {
    await writeFile(path, `${randomBytes(KEY_BYTES).toString('base64')}\n`, {
      mode: 0o600,
      flag: 'wx',
      flush: true,
    });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const key = (await readFile(path, 'utf8')).trim();
  if (Buffer.from(key, 'base64').length === KEY_BYTES) return new SecretBox(new Secret(key));
  throw new AppError(
    'secret-key',
    `${path} does not hold a key of ${KEY_BYTES} bytes in base64. Restore it from a backup: what was sealed with it cannot be opened otherwise.`,
  );
}

function foreignReason(sealed: string): string {
  if (sealed.startsWith('AES:'))
    return 'a GoCD server encrypted it with its own key; encrypt the value again on this server';
  return `it does not begin with "${PREFIX}"; encrypt the value on this server`;
}

function unreadable(why: string, cause?: unknown): AppError {
  return new AppError('secret-unreadable', `A secret cannot be opened: ${why}`, { cause });
}
