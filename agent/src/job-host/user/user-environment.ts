import type { JobUser } from '../../journal/job-user.ts';
import type { Environment } from '../environment/job-environment.ts';

/** Says whose session it is, or was: of no use to another user, or closed to it. */
const OF_A_SESSION = /^(SUDO_.*|XDG_.*|DBUS_.*|MAIL|SSH_AUTH_SOCK)$/;

/** The agent's environment, made that of another user. */
export function userEnvironment(inherited: Environment, { name, home }: JobUser): Environment {
  const kept = Object.entries(inherited).filter(([variable]) => !OF_A_SESSION.test(variable));
  return { ...Object.fromEntries(kept), HOME: home, USER: name, LOGNAME: name };
}
