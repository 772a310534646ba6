// Materials (reference: server-config-api 1.5). Git and upstream pipelines; of the others, a clear word.

import { dependencyFingerprint, gitFingerprint } from '../../domain/material-fingerprint.ts';
import { nameProblem } from '../../domain/names.ts';
import type {
  GitMaterialConfig,
  MaterialConfig,
  MaterialFilterConfig,
} from '../../domain/pipeline-config.ts';
import { isMap, listOf, namedMap, strictMap } from './collections.ts';
import { splitGitUrl } from './git-url.ts';
import { andThen, type Context, parseInto, reader, report, type Schema } from './parse-into.ts';
import { relativePath } from './relative-path.ts';
import { fail, flag, nonBlank, optional, text, unsupported } from './scalars.ts';
import { plainText, type Secrets, sealedText } from './variables.ts';

const OTHER_KINDS = ['hg', 'svn', 'p4', 'tfs', 'scm', 'plugin', 'package', 'configrepo'];

export function materialsSchema(secrets: Secrets): Schema<MaterialConfig[]> {
  const named = namedMap('material', (name) => materialSchema(name, secrets), {
    problemOf: (name) => nameProblem('material', name),
  });
  return andThen(named, (materials, context) => {
    if (materials.length === 0) report(context, [], 'Pipeline has no materials.');
    checkDestinations(materials, context);
    return materials;
  });
}

function materialSchema(name: string, secrets: Secrets): Schema<MaterialConfig> {
  const git = gitSchema(name, secrets);
  const dependency = dependencySchema(name);
  return reader((value, context) => {
    if (!isMap(value)) return fail(context, value, 'the material to be a hash');
    const kind = kindOf(value);
    if (kind === 'git') return parseInto(git, value, [], context);
    if (kind === 'dependency') return parseInto(dependency, value, [], context);
    const problem = OTHER_KINDS.includes(kind)
      ? `materials of type "${kind}" are not supported by this server yet (git and dependency are)`
      : 'Invalid or unknown material type: give "git: URL", or "pipeline" and "stage" of the upstream pipeline';
    return fail(context, value, problem);
  });
}

function kindOf(material: Readonly<Record<string, unknown>>): string {
  if (typeof material['type'] === 'string') return material['type'];
  if ('git' in material) return 'git';
  if ('pipeline' in material || 'stage' in material) return 'dependency';
  return OTHER_KINDS.find((kind) => kind in material) ?? 'unknown';
}

const patterns = optional(listOf('pattern', nonBlank));

function gitSchema(name: string, secrets: Secrets): Schema<GitMaterialConfig> {
  const keys = strictMap('a git material', {
    type: optional(text),
    git: optional(nonBlank),
    url: optional(nonBlank),
    branch: optional(nonBlank, 'master'),
    username: optional(text),
    password: optional(plainText),
    encrypted_password: optional(sealedText(secrets)),
    shallow_clone: optional(flag, false),
    auto_update: optional(flag, true),
    destination: optional(relativePath),
    ignore: patterns,
    blacklist: patterns,
    includes: patterns,
    whitelist: patterns,
  });
  return andThen(keys, (raw, context) => {
    checkBranch(raw.branch, context);
    const { url, ...credentials } = addressOf(raw, secrets, context);
    return {
      type: 'git',
      fingerprint: gitFingerprint(url, raw.branch),
      name,
      url,
      branch: raw.branch,
      ...credentials,
      ...(raw.destination === undefined ? {} : { destination: raw.destination }),
      shallowClone: raw.shallow_clone,
      autoUpdate: raw.auto_update,
      filter: filterOf(raw.ignore ?? raw.blacklist, raw.whitelist ?? raw.includes, context),
    };
  });
}

interface RawAddress {
  readonly git: string | undefined;
  readonly url: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly encrypted_password: string | undefined;
}

/** The url without credentials, and the credentials of either place. */
function addressOf(
  raw: RawAddress,
  secrets: Secrets,
  context: Context,
): Pick<GitMaterialConfig, 'url' | 'username' | 'sealedPassword'> {
  const given = raw.git ?? raw.url ?? '';
  if (given === '') report(context, [], 'URL cannot be blank');
  if (given.startsWith('-')) report(context, [], 'URL does not seem to be valid.');
  const inUrl = splitGitUrl(given);
  checkCredentials(raw, inUrl.username !== undefined, context);
  const plain = raw.password ?? inUrl.password;
  const sealedPassword = raw.encrypted_password ?? (plain === undefined ? undefined : secrets.seal(plain));
  const username = raw.username ?? inUrl.username;
  return {
    url: inUrl.url,
    ...(username === undefined ? {} : { username }),
    ...(sealedPassword === undefined ? {} : { sealedPassword }),
  };
}

function checkCredentials(raw: RawAddress, isInUrl: boolean, context: Context): void {
  const isInAttributes = (raw.username ?? raw.password ?? raw.encrypted_password) !== undefined;
  if (isInUrl && isInAttributes) {
    report(context, [], 'Ambiguous credentials, must be provided either in URL or as attributes.');
  }
  if (raw.password !== undefined && raw.encrypted_password !== undefined) {
    const rule = 'Please set only one password.';
    report(context, [], `the material has both plain-text and encrypted passwords set. ${rule}`);
  }
}

function dependencySchema(name: string): Schema<MaterialConfig> {
  const keys = strictMap('a dependency material', {
    type: optional(text),
    pipeline: nonBlank,
    stage: nonBlank,
    ignore_for_scheduling: optional(flag, false),
    destination: unsupported('an upstream pipeline has nothing to check out'),
  });
  return andThen(keys, ({ pipeline, stage, ignore_for_scheduling }) => ({
    type: 'dependency',
    fingerprint: dependencyFingerprint(pipeline, stage),
    name,
    pipeline,
    stage,
    ignoreForScheduling: ignore_for_scheduling,
  }));
}

function filterOf(
  ignore: readonly string[] | undefined,
  includes: readonly string[] | undefined,
  context: Context,
): MaterialFilterConfig {
  if (ignore !== undefined && includes !== undefined) {
    report(context, [], 'Material filter cannot contain both ignores and includes');
  }
  return includes === undefined
    ? { mode: 'ignore', patterns: ignore ?? [] }
    : { mode: 'includes', patterns: includes };
}

function checkBranch(branch: string, context: Context): void {
  const [source = '', destination, ...rest] = branch.split(':');
  const problem = (message: string) => report(context, ['branch'], message);
  if (branch.includes('*')) problem("Branch names may not contain '*'");
  if (/[\s~^?[\\]|\.\.|^-/.test(branch) || rest.length > 0)
    problem(`"${branch}" is not the name of a branch`);
  if (destination === undefined) return;
  if (source === '') problem('Refspec is missing a source ref');
  else if (!source.startsWith('refs/'))
    problem('Refspec source must be an absolute ref (must start with `refs/`)');
  if (destination === '') problem('Refspec is missing a destination ref');
}

function checkDestinations(materials: readonly MaterialConfig[], context: Context): void {
  const scms = materials.filter((material) => material.type === 'git');
  if (scms.length < 2) return;
  const folders = scms.map((scm) => ({ name: scm.name ?? '', folder: scm.destination?.replace(/\/+$/, '') }));
  for (const { name, folder } of folders) {
    if (folder === undefined) {
      report(
        context,
        [name],
        'Destination directory is required when a pipeline has multiple SCM materials.',
      );
    } else if (folders.some((other) => other.name !== name && `${folder}/`.startsWith(`${other.folder}/`))) {
      const rule =
        'Every material needs a different destination directory and the directories should not be nested.';
      report(context, [name, 'destination'], `Invalid destination directory. ${rule}`);
    }
  }
}
