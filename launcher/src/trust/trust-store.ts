import { readFile } from 'node:fs/promises';
import type { BundleName, LaunchRequest } from '@go-agent/protocol/launch-contract';
import { TRUST_PATH, targetPath } from '@go-agent/protocol/trust';
import { type Clock, describeError, withDeadline } from '@go-agent/runtime';
import type { BundleServer } from '../server/bundle-server.ts';
import type { TrustVerdict } from './trust-verdict.ts';
import type { VerifiedTargets } from './verified-targets.ts';

/** For all documents together. */
const REFRESH_DEADLINE_MS = 20_000;
const SHA256 = /^[0-9a-f]{64}$/;

/** Decides which bundles may run. The server is asked once in a launch, and only when there is something to judge. */
export class TrustStore {
  readonly #request: LaunchRequest;
  readonly #server: BundleServer;
  readonly #clock: Clock;
  #targets: Promise<VerifiedTargets> | undefined;

  constructor(request: LaunchRequest, server: BundleServer, clock: Clock) {
    this.#request = request;
    this.#server = server;
    this.#clock = clock;
  }

  /** Never rejects. `md5` is what the server offers the bundle by. */
  async judge(name: BundleName, md5: string, signal: AbortSignal): Promise<TrustVerdict> {
    try {
      this.#targets ??= this.#verify(signal);
      const targets = await this.#targets;
      if (targets.type !== 'verified') return { type: targets.type, reason: targets.reason };
      const target = await targets.find(targetPath(name, md5));
      if (target === undefined)
        return { type: 'refused', reason: 'it is not in the signed list of bundles that may run' };
      const sha256 = target.hashes['sha256']?.toLowerCase() ?? '';
      if (!SHA256.test(sha256) || !Number.isSafeInteger(target.length))
        return { type: 'refused', reason: 'the signed list has no SHA-256 and length of it' };
      return { type: 'trusted', length: target.length, sha256 };
    } catch (error) {
      return { type: 'unknown', reason: describeError(error) };
    }
  }

  async #verify(signal: AbortSignal): Promise<VerifiedTargets> {
    const { home, serverUrl, trustRoot } = this.#request;
    const carriedRoot =
      trustRoot === undefined ? undefined : await readFile(trustRoot).catch(() => undefined);
    if (carriedRoot === undefined) {
      const reason = 'this bootstrapper carries no root of trust; to have upgrades, install a newer go-agent';
      return { type: 'refused', reason };
    }
    const { verifyTargets } = await import('./verified-targets.ts');
    return await withDeadline(
      (soon) =>
        verifyTargets({
          home,
          carriedRoot,
          baseUrl: serverUrl + TRUST_PATH.replace(/\/$/, ''),
          send: (url) => this.#server.get(url, soon),
        }),
      REFRESH_DEADLINE_MS,
      this.#clock,
      signal,
    );
  }
}
