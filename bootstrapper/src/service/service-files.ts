import { join } from 'node:path';
import { LAUNCH_DAEMONS, renderPlist } from './launchd-plist.ts';
import type { ServiceDefinition } from './service-definition.ts';
import { renderUnit } from './systemd-unit.ts';

export const serviceManagers = ['systemd', 'launchd'] as const;
export type ServiceManager = (typeof serviceManagers)[number];

/** The files that make a service, by absolute path; the first is the service itself. */
export function serviceFiles(manager: ServiceManager, service: ServiceDefinition): Map<string, string> {
  const { name, home, user } = service;
  switch (manager) {
    case 'launchd':
      return new Map([[join(LAUNCH_DAEMONS, `${name}.plist`), renderPlist(service)]]);
    case 'systemd':
      return new Map([
        [`/etc/systemd/system/${name}.service`, renderUnit(service)],
        // An account that is there already stays as it is.
        [`/etc/sysusers.d/${name}.conf`, `u ${user} - "Build agent" ${JSON.stringify(home)} /bin/sh\n`],
      ]);
    default:
      return manager satisfies never;
  }
}
