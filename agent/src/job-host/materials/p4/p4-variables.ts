import type { MaterialRevision } from '@go-agent/protocol';
import { materialFolder } from '../material-folder.ts';
import { p4ClientName } from './p4-client-spec.ts';

/** What tasks need to go on with the clients of the job's Perforce materials: `GO_P4_CLIENT[_<NAME>]` (agent-protocol 8.1 no. 3). */
export function p4Variables(
  revisions: readonly MaterialRevision[],
  { hostName, workingDir }: { hostName: string; workingDir: string },
): { name: string; value: string; secure: false }[] {
  return revisions.flatMap(({ material }) => {
    if (material.type !== 'P4Material') return [];
    const name = (material.name?.name ?? material.folder ?? '').trim();
    const suffix = name === '' ? '' : `_${name.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_')}`;
    const value = p4ClientName(hostName, materialFolder(material, workingDir));
    return [{ name: `GO_P4_CLIENT${suffix}`, value, secure: false as const }];
  });
}
