import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { P4Material } from '@go-agent/protocol';
import { type Checkout, type MaterialAgent, shownTarget } from '../material-agent.ts';
import { removeTree } from '../remove-tree.ts';
import { p4ClientSpec } from './p4-client-spec.ts';
import { P4Command } from './p4-command.ts';

/** Tells which server and user the files of the folder came from (GoCD's name). */
const MARKER = '.cruise_p4repo';

/** Checks out Perforce materials (agent-behaviour 8.11). */
export const p4MaterialAgent: MaterialAgent<P4Material> = {
  async update({ material, revision, folder, context }: Checkout<P4Material>): Promise<void> {
    const { serverAndPort, view } = material;
    const p4 = new P4Command(folder, material, context);
    const isKnown = await prepareFolder(p4, repositoryOf(material));
    p4.say(`[go] Start updating ${shownTarget(material)} at revision ${revision} from ${serverAndPort}`);
    await p4.login();
    const spec = p4ClientSpec(p4.client, folder, view.value);
    await p4.run(['client', '-i'], `p4 client failed for [${serverAndPort}]`, { input: spec });
    // The server believes that the client has what it got before: only force brings it again into an empty folder.
    const force = isKnown ? [] : ['-f'];
    const sync = ['sync', ...force, `//${p4.client}/...@${revision}`];
    await p4.run(sync, `p4 sync failed for [${serverAndPort}]`);
    // Written last, so that a sync that was interrupted is forced the next time.
    await writeFile(join(folder, MARKER), repositoryOf(material));
    p4.say('[go] Done.\n');
  },
};

/** @returns whether the files in the folder are those of the last sync */
async function prepareFolder(p4: P4Command, repository: string): Promise<boolean> {
  const marker = join(p4.folder, MARKER);
  const former = await readFile(marker, 'utf8').catch(() => undefined);
  if (former !== undefined && former !== repository) {
    p4.say('[go] Working directory has changed. Deleting and re-creating it.');
    await removeTree(p4.folder);
  }
  await mkdir(p4.folder, { recursive: true });
  // Until the sync is through, the folder is in no known state.
  await removeTree(marker);
  return former === repository;
}

function repositoryOf({ userName, serverAndPort }: P4Material): string {
  return userName === undefined || userName.trim() === '' ? serverAndPort : `${userName}@${serverAndPort}`;
}
