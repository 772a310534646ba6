/**
 * The steps of a change of versions, in their order. After each of them all processes may be killed, and the next start
 * works, with the right version; a test does so step by step (launcher/src/swap.test.ts, docs/launch-contract.md).
 */
export const swapSteps = [
  /** The server has said what it offers. */
  'asked',
  /** The new zip is on the disk, verified. */
  'downloaded',
  /** The first file of it is unpacked, into a folder without its final name. */
  'unpacking',
  /** All files are. */
  'unpacked',
  /** The folder (the launcher's zip) has its name. */
  'in-place',
  /** `current` names it. */
  'current',
  /** Old versions are removed. */
  'pruned',
  /** The launch of a version on trial is counted. */
  'counted',
  /** The agent's process is there. */
  'started',
  'ready',
  'registered',
  /** `lastGood` names it. */
  'good',
  /** It has failed, and still runs. */
  'verdict',
  /** It is quarantined, and `current` names the version before. */
  'quarantined',
  /** Its process is gone. */
  'ended',
] as const;
export type SwapStep = (typeof swapSteps)[number];

/** Called after each step; production has nothing to do then. */
export type ReachStep = (step: SwapStep) => Promise<void>;
