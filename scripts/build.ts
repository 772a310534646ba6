// `node scripts/build.ts [--version X] [--dist FOLDER]`: what a user installs and what a server offers, in `dist/`.
import { createHash, randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildBundle, bundleModule } from './build-bundle.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { version: ownVersion } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
};
const sources = '{protocol,runtime,bootstrapper,launcher,agent}/src/**/*.ts';

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
}

/** Builds what is missing or out of date. Several may call it at once: each file is replaced as a whole. */
export async function ensureBuilt(options: BuildOptions = {}): Promise<Built> {
  const { version = ownVersion, dist = join(root, 'dist') } = options;
  const built = { dist, bundles: join(dist, 'bundles'), goAgent: join(dist, 'go-agent', 'go-agent.mjs') };
  const stamp = join(dist, '.built-from');
  const wanted = `${version} ${hashSources()}`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return built;
  const temporary = join(dist, `.build-${randomUUID()}`);
  try {
    await build(temporary, version);
    for (const folder of ['bundles', 'go-agent/bundles']) mkdirSync(join(dist, folder), { recursive: true });
    for (const file of globSync(['**/*.zip', '**/*.mjs'], { cwd: temporary })) {
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
  const [bootstrapper] = await Promise.all([
    bundleModule(join(root, 'bootstrapper/src/main.ts'), version),
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
}

/** By content, since a checkout sets every time anew. */
function hashSources(): string {
  const hash = createHash('sha256');
  const inputs = globSync([sources, 'scripts/build*.ts', 'package-lock.json'], { cwd: root });
  for (const file of inputs.filter((file) => !file.endsWith('.test.ts')).toSorted()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { version: { type: 'string' }, dist: { type: 'string' } } });
  const { dist } = await ensureBuilt(values);
  console.log(dist);
}
