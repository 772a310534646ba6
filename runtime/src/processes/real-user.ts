/** A user of the system, by number. */
export interface UserId {
  readonly uid: number;
  readonly gid: number;
}

/**
 * From now on this process, which must be root's, reads and writes files as another user, with the rights of that user. What it has
 * open stays open; what takes root goes through {@link asRealUser}. Since its real user stays root, that user's processes can
 * neither signal nor look into it.
 */
export function workAs({ uid, gid }: UserId): void {
  process.setgroups?.([gid]);
  process.setegid?.(gid);
  process.seteuid?.(uid);
}

/** Takes a step as the user who started this process; nothing but that step, so it must not give way to the event loop. */
export function asRealUser<T>(step: () => T): T {
  const effective = process.geteuid?.();
  const real = process.getuid?.();
  if (effective === undefined || real === undefined || effective === real) return step();
  process.seteuid?.(real);
  try {
    return step();
  } finally {
    process.seteuid?.(effective);
  }
}
