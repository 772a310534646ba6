import { createHash } from 'node:crypto';
import {
  agentBundlePath,
  BundleName,
  formatReprDigest,
  HeaderName,
  LATEST_BUNDLES_PATH,
} from '@go-agent/protocol';
import { emptyNotFound, type StubAnswer } from './stub-answer.ts';
import type { StubRequest } from './stub-request.ts';

const STATUS_HEADER = {
  [BundleName.agent]: HeaderName.agentMd5,
  [BundleName.launcher]: HeaderName.launcherMd5,
  [BundleName.plugins]: HeaderName.pluginsMd5,
} as const;

/** The bundles on offer, and their endpoints (docs/architecture.md). */
export class BundleEndpoints {
  readonly #bundles = new Map<BundleName, Buffer>();

  /** Null: no such bundle any more. */
  offer(name: BundleName, bundle: Buffer | null): void {
    if (bundle) this.#bundles.set(name, bundle);
    else this.#bundles.delete(name);
  }

  answer({ method, endpoint, headers }: StubRequest): StubAnswer | null {
    if (method !== 'GET' && method !== 'HEAD') return null;
    if (endpoint === LATEST_BUNDLES_PATH) return { status: 200, headers: this.#digests() };
    const name = Object.values(BundleName).find((name) => agentBundlePath(name) === endpoint);
    if (!name) return null;
    const bundle = this.#bundles.get(name);
    if (!bundle) return emptyNotFound;
    return bundleAnswer(bundle, method === 'GET' ? headers.range : undefined);
  }

  #digests(): Record<string, string> {
    return Object.fromEntries(
      [...this.#bundles].map(([name, bundle]) => [STATUS_HEADER[name], hex('md5', bundle)]),
    );
  }
}

function bundleAnswer(bundle: Buffer, range: string | undefined): StubAnswer {
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Accept-Ranges': 'bytes',
    [HeaderName.contentMd5]: hex('md5', bundle),
    [HeaderName.reprDigest]: formatReprDigest(hex('sha256', bundle)),
  };
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  if (first === undefined) return { status: 200, headers, body: bundle };
  const start = Number(first);
  const end = Math.min(last ? Number(last) : Number.POSITIVE_INFINITY, bundle.length - 1);
  if (start > end) return { status: 416, headers: { 'Content-Range': `bytes */${bundle.length}` } };
  return {
    status: 206,
    headers: { ...headers, 'Content-Range': `bytes ${start}-${end}/${bundle.length}` },
    body: bundle.subarray(start, end + 1),
  };
}

function hex(algorithm: 'md5' | 'sha256', bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex');
}
