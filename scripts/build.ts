// `node scripts/build.ts [--version X] [--dist FOLDER] [--keys FOLDER]`: what a user installs and what a server offers, in `dist/`.
import { createHash, randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newestTrustFile } from '@go-agent/protocol/trust';
import { addRelease, type KeyFolder, readKeyFolder } from '@go-agent/release';
import { lock } from 'proper-lockfile';
import { buildBundle, bundleModule } from './build-bundle.ts';
import { ensureDevelopmentKeys } from './development-keys.ts';
import { readOptions } from './read-options.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Of this working copy; never in version control. */
export const developmentKeys = join(root, 'dist', 'keys');
const { version: ownVersion } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
};
const sources = '{protocol,runtime,bootstrapper,launcher,agent,release}/src/**/*.ts';
/** What is signed is valid for a year: a folder that is built in is signed anew in time. */
const SIGNED_AGAIN_MS = 90 * 86_400_000;

export interface Built {
  readonly dist: string;
  /** Folder with the zips that a server offers. */
  readonly bundles: string;
  /** The bootstrapper; run it with Node. Its own bundles are beside it. */
  readonly goAgent: string;
}

export interface BuildOptions {
  readonly version?: string;
  readonly dist?: string;
  /** Folder of the keys that sign it (docs/releases.md). Default: a development pair in `dist/keys`, made once. */
  readonly keys?: string;
}

const PATIENTLY = { forever: true, minTimeout: 50, maxTimeout: 500 };

/** Builds what is missing or out of date. Several may call it at once: one builds, and the others find it built. */
export async function ensureBuilt(options: BuildOptions = {}): Promise<Built> {
  const { version = ownVersion, dist = join(root, 'dist'), keys = developmentKeys } = options;
  const built = { dist, bundles: join(dist, 'bundles'), goAgent: join(dist, 'go-agent', 'go-agent.mjs') };
  const stamp = join(dist, '.built-from');
  if (keys === developmentKeys) await ensureDevelopmentKeys(keys);
  const signer = await readKeyFolder(keys);
  const trustRoot = newestRoot(signer);
  const wanted = `${version} ${hashSources(trustRoot)}`;
  if (isBuilt(stamp, wanted)) return built;
  mkdirSync(dist, { recursive: true });
  await using locks = new AsyncDisposableStack();
  locks.defer(await lock(dist, { lockfilePath: join(dist, '.building'), stale: 30_000, retries: PATIENTLY }));
  if (isBuilt(stamp, wanted)) return built;
  const temporary = join(dist, `.build-${randomUUID()}`);
  try {
    await build(temporary, version);
    const zip = (name: string) => join(temporary, 'bundles', `${name}.zip`);
    await addRelease({
      folder: built.bundles,
      keys: signer,
      now: Date.now(),
      version,
      bundles: { agent: zip('agent'), 'agent-launcher': zip('agent-launcher') },
      onlyThis: true,
    });
    writeFileSync(join(temporary, 'go-agent', 'bundles', 'root.json'), trustRoot);
    mkdirSync(join(dist, 'go-agent', 'bundles'), { recursive: true });
    for (const file of globSync('go-agent/**/*.{zip,mjs,json}', { cwd: temporary })) {
      renameSync(join(temporary, file), join(dist, file));
    }
    const temporaryStamp = join(temporary, 'stamp');
    writeFileSync(temporaryStamp, wanted);
    renameSync(temporaryStamp, stamp);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return built;
}

async function build(folder: string, version: string): Promise<void> {
  const bundles = join(folder, 'bundles');
  const launcher = { 'agent-launcher.mjs': join(root, 'launcher/src/main.ts') };
  const agent = {
    'agent.mjs': join(root, 'agent/src/courier/main.ts'),
    'job-host.mjs': join(root, 'agent/src/job-host/main.ts'),
  };
  const [bootstrapper, runner] = await Promise.all([
    bundleModule(join(root, 'bootstrapper/src/main.ts'), version),
    bundleModule(join(root, 'bootstrapper/src/run-entry-main.ts'), version),
    buildBundle({
      name: 'agent-launcher',
      version,
      modules: launcher,
      file: join(bundles, 'agent-launcher.zip'),
    }),
    buildBundle({ name: 'agent', version, modules: agent, file: join(bundles, 'agent.zip') }),
  ]);
  cpSync(bundles, join(folder, 'go-agent', 'bundles'), { recursive: true });
  writeFileSync(join(folder, 'go-agent', 'go-agent.mjs'), bootstrapper, { mode: 0o755 });
  writeFileSync(join(folder, 'go-agent', 'run-entry.mjs'), runner);
}

function isBuilt(stamp: string, wanted: string): boolean {
  if (!existsSync(stamp) || Date.now() - statSync(stamp).mtimeMs > SIGNED_AGAIN_MS) return false;
  return readFileSync(stamp, 'utf8') === wanted;
}

/** What bootstrappers are to carry. */
function newestRoot({ roots }: KeyFolder): Buffer {
  const bytes = roots.get(newestTrustFile(roots.keys(), 'root') ?? '');
  if (bytes === undefined) throw new Error('The folder of keys has no roots/1.root.json');
  return bytes;
}

/** By content, since a checkout sets every time anew. */
function hashSources(trustRoot: Buffer): string {
  const hash = createHash('sha256').update(trustRoot);
  const inputs = globSync([sources, 'scripts/{build,development}*.ts', 'package-lock.json'], { cwd: root });
  for (const file of inputs.filter((file) => !file.endsWith('.test.ts')).toSorted()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

if (import.meta.main) {
  const text = { type: 'string' } as const;
  const help = `Builds go-agent with its bundles, unless what is there is made of these sources.

Usage: npm run build [-- --version X] [--dist FOLDER] [--keys FOLDER]
Example: npm run build -- --dist /tmp/go-agent-build`;
  const { dist } = await ensureBuilt(readOptions(help, { version: text, dist: text, keys: text }));
  console.log(dist);
}
