import type { ContainmentLevel } from '@go-agent/runtime/core';

/** For the console: how surely everything that the job starts will be ended with it. */
export function describeContainment(level: ContainmentLevel): string {
  switch (level) {
    case 'cgroup':
      return '[go] Containment: control group (cgroup). Everything that this job starts ends with it.';
    case 'session':
      return '[go] Containment: session and marker, as no control group (cgroup v2) may be made here. A process that leaves its session and clears its environment may outlive this job.';
    default:
      return level satisfies never;
  }
}
