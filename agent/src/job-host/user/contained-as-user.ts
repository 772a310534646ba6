import type { ProcessContainer, UserId } from '@go-agent/runtime/core';

/** The same container; what is started in it runs as the user. */
export function containedAsUser(container: ProcessContainer, { uid, gid }: UserId): ProcessContainer {
  return {
    level: container.level,
    list: () => container.list(),
    signalAll: (signal) => container.signalAll(signal),
    killAll: (killMs) => container.killAll(killMs),
    end: (options) => container.end(options),
    ref: () => container.ref(),
    prepare: () => container.prepare(),
    keep: () => container.keep(),
    spawn: (options) => container.spawn({ ...options, uid, gid }),
    [Symbol.asyncDispose]: () => container[Symbol.asyncDispose](),
  };
}
