import type { ContainmentLevel } from '@go-agent/runtime/core';

/**
 * For the console: how surely everything that the job starts will be ended with it.
 * @param keeps what it leaves running is kept
 */
export function describeContainment(level: ContainmentLevel, keeps: boolean): string {
  switch (level) {
    case 'cgroup':
      return keeps
        ? '[go] Containment: control group (cgroup). What this job leaves running is kept, unless it is cancelled.'
        : '[go] Containment: control group (cgroup). Everything that this job starts ends with it.';
    case 'session':
      return '[go] Containment: session and marker, as no control group (cgroup v2) may be made here. A process that leaves its session and clears its environment may outlive this job.';
    default:
      return level satisfies never;
  }
}
