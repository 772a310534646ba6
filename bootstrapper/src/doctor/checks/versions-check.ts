import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkBundle } from '@go-agent/protocol/bundle-check';
import { BundleName } from '@go-agent/protocol/launch-contract';
import AdmZip from 'adm-zip';
import { check, fail, ok, warn } from '../check.ts';

interface VersionFacts {
  readonly node: string;
  /** Versions of the carried bundles, by name. */
  readonly carried: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
}

/** What the bundles are built for. */
const OLDEST_NODE = 24;

export const versionsCheck = check({
  name: 'versions',
  about: 'the versions of all parts, and whether the carried ones are whole',
  look: ({ lookAtBundles }) => lookAtBundles(lookInto),
  judge({ node, carried, problems }, { version, status, running }) {
    if (problems.length > 0) return fail(problems.join('; '), 'install go-agent again');
    if (Number.parseInt(node, 10) < OLDEST_NODE)
      return fail(
        `it runs on Node ${node}, and needs ${OLDEST_NODE} or newer`,
        'install a newer Node, or the single executable',
      );
    const parts = Object.entries(carried).map(([name, version]) => `${name} ${version}`);
    const saw = `go-agent ${version}, carrying ${parts.join(' and ')}, on Node ${node}`;
    if (running && status !== undefined && status.bootstrapperVersion !== version)
      return warn(
        `${saw}; the one that runs is ${status.bootstrapperVersion}`,
        'restart it, to have it run this version',
      );
    return ok(
      `${saw}${running && status?.launcher ? `; the launcher that runs is ${status.launcher.version}` : ''}`,
    );
  },
});

async function lookInto(folder: string): Promise<VersionFacts> {
  const carried: Record<string, string> = {};
  const problems: string[] = [];
  for (const name of [BundleName.launcher, BundleName.agent]) {
    const file = join(folder, `${name}.zip`);
    try {
      const bundle = checkBundle(name, new AdmZip(await readFile(file)).getEntries());
      if (bundle.ok) carried[name] = bundle.manifest.version;
      else problems.push(`${file} is damaged: ${bundle.reason}`);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      problems.push(code === 'ENOENT' ? `${file} is missing` : `${file} is damaged: ${message}`);
    }
  }
  return { node: process.versions.node, carried, problems };
}
