import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readJsonFile, writeFileAtomic } from '@go-agent/runtime/core';

interface Size {
  readonly bytes: number;
  /** The folder's own time of use when it was measured: as long as it stands, so does the size. */
  readonly usedAt: number;
}

/** What is known of the sizes of folders, on disk, so that each is measured once after each use and not each time. */
export class SizeLedger {
  readonly #file: string;
  #sizes = new Map<string, Size>();
  #isChanged = false;

  private constructor(file: string) {
    this.#file = file;
  }

  /** A file that is missing or damaged is an empty one: all is measured again. */
  static async open(file: string): Promise<SizeLedger> {
    const ledger = new SizeLedger(file);
    const found = await readJsonFile(file, decodeSizes);
    if (found.kind === 'ok') ledger.#sizes = new Map(Object.entries(found.value));
    return ledger;
  }

  get({ path, usedAt }: { readonly path: string; readonly usedAt: number }): number | undefined {
    const size = this.#sizes.get(path);
    return size?.usedAt === usedAt ? size.bytes : undefined;
  }

  set({ path, usedAt }: { readonly path: string; readonly usedAt: number }, bytes: number): void {
    if (this.get({ path, usedAt }) === bytes) return;
    this.#sizes.set(path, { bytes, usedAt });
    this.#isChanged = true;
  }

  /** Forgets all folders but these, and writes what has changed. */
  async save(paths: readonly string[]): Promise<void> {
    const kept = new Set(paths);
    for (const path of this.#sizes.keys()) if (!kept.has(path)) this.#isChanged = this.#sizes.delete(path);
    if (!this.#isChanged) return;
    await mkdir(dirname(this.#file), { recursive: true });
    await writeFileAtomic(this.#file, JSON.stringify(Object.fromEntries(this.#sizes)), { mode: 0o600 });
    this.#isChanged = false;
  }
}

function decodeSizes(parsed: unknown): Record<string, Size> {
  const sizes = Object.entries(parsed as Record<string, Partial<Size>>);
  const isSound = sizes.every(
    ([, size]) => typeof size.bytes === 'number' && typeof size.usedAt === 'number',
  );
  if (!isSound) throw new TypeError('each entry must have bytes and usedAt');
  return Object.fromEntries(sizes) as Record<string, Size>;
}
