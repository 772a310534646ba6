import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '../clock.ts';
import { CgroupTree, openCgroupContainer } from './cgroup-container.ts';
import type { ContainerRef, ProcessContainer, ProcessTree } from './process-container.ts';
import { SessionContainer, SessionTree } from './session-tree.ts';
import { WindowsContainer } from './windows-container.ts';

export interface OpenContainerOptions {
  /** `session` does without a control group even where one may be made. Default `best`. */
  readonly level?: 'best' | 'session';
  /**
   * What a process of the same scope left behind when it died is ended. Any text: those who share a machine, and maybe a parent group,
   * have scopes of their own. Default ''.
   */
  readonly scope?: string;
  readonly clock?: Clock;
}

/** A new, empty container on the tightest level that this system and user allow. */
export function openContainer({
  level = 'best',
  scope = '',
  clock = systemClock,
}: OpenContainerOptions = {}): ProcessContainer {
  const marker = randomBytes(16).toString('hex');
  if (process.platform === 'win32') return new WindowsContainer({ marker, leaders: [] }, clock);
  const tight =
    level === 'best' && process.platform === 'linux' ? openCgroupContainer(marker, clock, scope) : null;
  return tight ?? new SessionContainer(marker, clock);
}

/** The tree of a container whose owner has died, to be looked at and ended. */
export function adoptContainer(ref: ContainerRef, clock: Clock = systemClock): ProcessTree {
  if (process.platform === 'win32') return new WindowsContainer(ref, clock);
  return ref.cgroup === undefined ? new SessionTree(ref, clock) : new CgroupTree(ref.cgroup, clock);
}
