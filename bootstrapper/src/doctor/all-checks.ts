import type { Check } from './check.ts';
import { certificatesCheck } from './checks/certificates-check.ts';
import { containmentCheck } from './checks/containment-check.ts';
import { gitCheck } from './checks/git-check.ts';
import { guidCheck } from './checks/guid-check.ts';
import { homeCheck } from './checks/home-check.ts';
import { jobUserCheck } from './checks/job-user-check.ts';
import { jobsCheck } from './checks/jobs-check.ts';
import { leftoversCheck } from './checks/leftovers-check.ts';
import { limitsCheck } from './checks/limits-check.ts';
import { localeCheck } from './checks/locale-check.ts';
import { lockCheck } from './checks/lock-check.ts';
import { memoryCheck } from './checks/memory-check.ts';
import { clockCheck, dnsCheck, serverCheck } from './checks/network-checks.ts';
import { permissionsCheck } from './checks/permissions-check.ts';
import { portsCheck } from './checks/ports-check.ts';
import { proxyCheck } from './checks/proxy-check.ts';
import { registrationCheck } from './checks/registration-check.ts';
import { serviceCheck } from './checks/service-check.ts';
import { settingsCheck } from './checks/settings-check.ts';
import { diskCheck, inodeCheck, logSizeCheck, temporaryCheck } from './checks/space-checks.ts';
import { supervisionCheck } from './checks/supervision-check.ts';
import { tlsCheck } from './checks/tls-check.ts';
import { tokenCheck } from './checks/token-check.ts';
import { upgradesCheck } from './checks/upgrades-check.ts';
import { versionsCheck } from './checks/versions-check.ts';

/** In the order in which they are reported: what is set, the machine, the way to the server, the agent. */
export const allChecks: readonly Check[] = [
  settingsCheck,
  homeCheck,
  permissionsCheck,
  diskCheck,
  inodeCheck,
  temporaryCheck,
  memoryCheck,
  limitsCheck,
  localeCheck,
  gitCheck,
  containmentCheck,
  jobUserCheck,
  serviceCheck,
  portsCheck,
  proxyCheck,
  certificatesCheck,
  dnsCheck,
  serverCheck,
  tlsCheck,
  clockCheck,
  registrationCheck,
  tokenCheck,
  guidCheck,
  versionsCheck,
  upgradesCheck,
  lockCheck,
  supervisionCheck,
  jobsCheck,
  leftoversCheck,
  logSizeCheck,
];
