// The part of the launch contract that the core of the bootstrapper needs when it runs. It may gain, and never change.

/** The contract's number, in each bundle's manifest. A bundle with a higher number is refused. */
export const LAUNCH_CONTRACT = 1;

/** How one launch ended, as the number that the bootstrapper acts upon. */
export const LaunchOutcome = {
  /** The agent asks to be started again (an upgrade is waiting). Relaunch at once. */
  relaunch: 0,
  /** A new launcher is in place. Relaunch at once. */
  replaced: 60,
  /** The agent process ended in a way that could not be read. Relaunch after a wait. */
  agentLost: -373,
  /** The launcher itself failed. Relaunch after a wait. */
  launcherFailed: -273,
  /** Another launcher holds the home folder, or something else that no relaunch mends. Stop for good. */
  stop: 0xbadbad,
} as const;

export const BundleName = { launcher: 'agent-launcher', agent: 'agent', plugins: 'agent-plugins' } as const;
export type BundleName = (typeof BundleName)[keyof typeof BundleName];
