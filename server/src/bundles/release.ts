import type { BundleName } from '@go-agent/protocol/launch-contract';

/** One zip that agents may be offered. */
export interface OfferedBundle {
  readonly name: BundleName;
  /** Lower-case hex. */
  readonly md5: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
  /** Of its manifest; the start of its MD5 if it has none. */
  readonly version: string;
  /** Of a copy that never changes. */
  readonly path: string;
}

/** Bundles that belong together: an agent is offered those of one release, never a mixture. */
export interface Release {
  /** That of its agent bundle, or of the bundle that it has. */
  readonly version: string;
  readonly bundles: ReadonlyMap<BundleName, OfferedBundle>;
}
