// Makes one bundle zip (docs/launch-contract.md): each entry module as a single ES module, and the manifest.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { BundleManifest, BundleName } from '@go-agent/protocol/launch-contract';
import { LAUNCH_CONTRACT } from '@go-agent/protocol/launch-contract';
import AdmZip from 'adm-zip';

const root = dirname(import.meta.dirname);

export interface BundleOptions {
  readonly name: BundleName;
  readonly version: string;
  /** Source file by name of the module that it becomes. The first is the bundle's entry. */
  readonly modules: Readonly<Record<string, string>>;
  /** Where to put the zip. */
  readonly file: string;
  /** For tests of a contract that does not exist yet. */
  readonly contract?: number;
}

export interface BuiltBundle {
  readonly file: string;
  /** MD5 in hex of the zip, as a server would offer it. */
  readonly md5: string;
}

/** Same sources and version, same bytes: entries are sorted and carry one fixed time. */
export async function buildBundle(options: BundleOptions): Promise<BuiltBundle> {
  const files = new Map<string, string>();
  for (const [module, source] of Object.entries(options.modules)) {
    files.set(module, await bundleModule(source, options.version));
  }
  return packBundle(options, files);
}

type Content = string | Uint8Array;

/** Packs files as they are. The first is the bundle's entry. */
export function packBundle(
  options: Omit<BundleOptions, 'modules'>,
  files: ReadonlyMap<string, Content>,
): BuiltBundle {
  const [entry] = files.keys();
  if (entry === undefined) throw new Error(`Bundle ${options.name} has no files`);
  const digests = sorted(files).map(([path, content]) => [
    path,
    createHash('sha256').update(content).digest('hex'),
  ]);
  const manifest: BundleManifest = {
    name: options.name,
    version: options.version,
    contract: options.contract ?? LAUNCH_CONTRACT,
    entry,
    files: Object.fromEntries(digests),
  };
  const zip = zipOf(
    new Map<string, Content>([['manifest.json', `${JSON.stringify(manifest, null, 2)}\n`], ...files]),
  );
  mkdirSync(dirname(options.file), { recursive: true });
  const temporary = join(dirname(options.file), `.${basename(options.file)}.${process.pid}`);
  writeFileSync(temporary, zip);
  renameSync(temporary, options.file);
  return { file: options.file, md5: createHash('md5').update(zip).digest('hex') };
}

/** The files of a bundle that was packed here, without its manifest. */
export function unpackBundle(file: string): Map<string, Uint8Array> {
  const entries = new AdmZip(readFileSync(file)).getEntries();
  const files = entries.filter(({ entryName }) => entryName !== 'manifest.json');
  return new Map(files.map((entry) => [entry.entryName, entry.getData()]));
}

function sorted(files: ReadonlyMap<string, Content>): [string, Content][] {
  return [...files].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function zipOf(files: ReadonlyMap<string, Content>): Buffer {
  const zip = new AdmZip();
  for (const [path, content] of sorted(files)) {
    const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
    const entry = zip.addFile(path, bytes, '', 0o644);
    // Local time, as a zip stores it: the same numbers whatever the time zone.
    entry.header.time = new Date(1980, 0, 1);
  }
  return zip.toBuffer();
}

/** One source file and all that it imports, as one ES module for Node. */
export async function bundleModule(source: string, version: string): Promise<string> {
  // Loaded only when there is something to build: the check that all is up to date must be quick.
  const { rolldown } = await import('rolldown');
  await using build = await rolldown({
    input: source,
    // Paths in comments are relative to it: the same bytes wherever this is called from.
    cwd: root,
    platform: 'node',
    logLevel: 'warn',
    transform: { define: { __GO_AGENT_VERSION__: JSON.stringify(version) } },
  });
  const { output } = await build.generate({
    format: 'esm',
    minify: false,
    // Node keeps the source in memory for as long as the process lives.
    comments: { legal: true, annotation: false, jsdoc: false },
    sourcemap: false,
    codeSplitting: false,
  });
  const [chunk, ...others] = output;
  if (others.length > 0) throw new Error(`${source} became ${output.length} files, it must be one`);
  return inAscii(withoutFacades(chunk.code));
}

/**
 * An `import` of a module of Node's own looks at each of its exports, and so loads much that nobody uses, in each process and thread;
 * asking for what is needed does not.
 */
function withoutFacades(code: string): string {
  return code.replaceAll(
    /^import (?:([\w$]+)(?:, | ))?(?:\{ (.+) \} )?from "(node:[\w/]+)";$/gm,
    (_line, whole: string | undefined, names: string | undefined, module: string) => {
      const got = `process.getBuiltinModule("${module}")`;
      const parts = names === undefined ? undefined : `{ ${names.replaceAll(' as ', ': ')} }`;
      if (whole === undefined) return `const ${parts} = ${got};`;
      return `const ${whole} = ${got};${parts === undefined ? '' : ` const ${parts} = ${whole};`}`;
    },
  );
}

/** Node keeps the source in memory, with two bytes for each character if one of them is no Latin letter. In code such a one is in a string. */
function inAscii(code: string): string {
  return code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
