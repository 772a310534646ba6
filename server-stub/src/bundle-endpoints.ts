import { createHash } from 'node:crypto';
import {
  agentBundlePath,
  BundleName,
  formatReprDigest,
  HeaderName,
  LATEST_BUNDLES_PATH,
} from '@go-agent/protocol';
import { TRUST_PATH } from '@go-agent/protocol/trust';
import { emptyNotFound, type StubAnswer } from './stub-answer.ts';
import type { StubRequest } from './stub-request.ts';

const STATUS_HEADER = {
  [BundleName.agent]: HeaderName.agentMd5,
  [BundleName.launcher]: HeaderName.launcherMd5,
  [BundleName.plugins]: HeaderName.pluginsMd5,
} as const;

const JSON_HEADERS = { 'Content-Type': 'application/json' };

/** The bundles on offer, the metadata that vouches for them, and their endpoints (docs/architecture.md). */
export class BundleEndpoints {
  readonly #bundles = new Map<BundleName, Offered>();
  /** The signed metadata, by file name. */
  trust: ReadonlyMap<string, Buffer> = new Map();

  /** Null: no such bundle any more. `claimed`: the MD5 to say that it has, whatever it has. */
  offer(name: BundleName, bytes: Buffer | null, claimed?: string): void {
    if (bytes) this.#bundles.set(name, { bytes, md5: claimed ?? hex('md5', bytes) });
    else this.#bundles.delete(name);
  }

  answer({ method, endpoint, headers }: StubRequest): StubAnswer | null {
    if (method !== 'GET' && method !== 'HEAD') return null;
    if (endpoint === LATEST_BUNDLES_PATH) return { status: 200, headers: this.#digests() };
    if (endpoint.startsWith(TRUST_PATH)) {
      const document = this.trust.get(endpoint.slice(TRUST_PATH.length));
      return document ? { status: 200, headers: JSON_HEADERS, body: document } : emptyNotFound;
    }
    const name = Object.values(BundleName).find((name) => agentBundlePath(name) === endpoint);
    if (!name) return null;
    const bundle = this.#bundles.get(name);
    if (!bundle) return emptyNotFound;
    const ifRange = headers['if-range'];
    const resumable = ifRange === undefined || ifRange === etagOf(bundle);
    return bundleAnswer(bundle, method === 'GET' && resumable ? headers.range : undefined);
  }

  #digests(): Record<string, string> {
    return Object.fromEntries([...this.#bundles].map(([name, { md5 }]) => [STATUS_HEADER[name], md5]));
  }
}

interface Offered {
  readonly bytes: Buffer;
  readonly md5: string;
}

function bundleAnswer(offered: Offered, range: string | undefined): StubAnswer {
  const bundle = offered.bytes;
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Accept-Ranges': 'bytes',
    ETag: etagOf(offered),
    [HeaderName.contentMd5]: offered.md5,
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

function etagOf({ md5 }: Offered): string {
  return `"${md5}"`;
}

function hex(algorithm: 'md5' | 'sha256', bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex');
}
