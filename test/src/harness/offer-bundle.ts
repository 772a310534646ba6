import { join } from 'node:path';
import { BundleName } from '@go-agent/protocol/launch-contract';
import { addRelease, readKeyFolder } from '@go-agent/release';
import { hashFile } from '@go-agent/runtime';
import { developmentKeys, ensureBuilt } from '../../../scripts/build.ts';
import type { TestSystem } from './test-system.ts';

const HEADERS: Readonly<Record<BundleName, string>> = {
  [BundleName.agent]: 'agent-content-md5',
  [BundleName.launcher]: 'agent-launcher-content-md5',
  [BundleName.plugins]: 'agent-plugins-content-md5',
};

/** Builds a bundle of another version, puts it, signed, where the server offers it from, and waits until it does. */
export async function offerBundle(
  system: TestSystem,
  name: typeof BundleName.agent | typeof BundleName.launcher,
  version: string,
): Promise<void> {
  const { bundles } = await ensureBuilt({ version, dist: join(system.folder, `dist-${version}`) });
  await offerZip(system, name, join(bundles, `${name}.zip`));
}

/** The same with a zip that is there. */
export async function offerZip(system: TestSystem, name: BundleName, zip: string): Promise<void> {
  const folder = system.server.bundles;
  await addRelease({
    folder,
    keys: await readKeyFolder(developmentKeys),
    now: Date.now(),
    version: 'added',
    bundles: {
      agent: join(folder, 'agent.zip'),
      'agent-launcher': join(folder, 'agent-launcher.zip'),
      [name]: zip,
    },
    onlyThis: true,
  });
  const md5 = await hashFile(zip, 'md5');
  await system.wait(
    async () => {
      const { headers } = await system.api.ask('/admin/agent-bundles/latest.status', { accept: '*/*' });
      return headers.get(HEADERS[name]) === md5;
    },
    { describe: `the server to offer ${name} ${md5}` },
  );
}
