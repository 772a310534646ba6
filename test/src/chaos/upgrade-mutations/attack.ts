import type { BundleName } from '@go-agent/protocol/launch-contract';
import type { FaultRule } from '@go-agent/server-stub';
import type { SeededRandom } from '../seeded-random.ts';
import type { TrustFiles, World } from './world.ts';

/** What a server offers, and how. */
export interface Attack {
  /** What exactly was done, to find it again. */
  readonly what: string;
  readonly trust: TrustFiles;
  readonly offers: readonly {
    readonly name: BundleName;
    readonly bytes: Buffer;
    /** What the server says that its MD5 is. */
    readonly claimed?: string;
  }[];
  readonly faults?: readonly FaultRule[];
}

/** Makes one attack of a kind; undefined if it came out harmless, then another one is made. */
export type AttackKind = (world: World, random: SeededRandom) => Attack | undefined;
export type AttackKinds = Readonly<Record<string, AttackKind>>;

export const NAMES: readonly [BundleName, ...BundleName[]] = ['agent', 'agent-launcher', 'agent-plugins'];
