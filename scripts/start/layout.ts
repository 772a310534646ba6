// Where `npm start` keeps its things: all below ./var, which may be deleted at any time while nothing runs.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeKey } from '../../server/src/security/make-key.ts';
import { findRepository } from './repository.ts';

export interface Layout {
  readonly serverData: string;
  readonly pipelines: string;
  readonly agentHome: string;
  readonly keyFile: string;
  readonly tokenFile: string;
}

export const PIPELINE = 'go-agent';

/** Makes the folders, the auto-register key and the pipeline file. */
export function prepareLayout(
  root: string,
  options: { readonly pollForCommits: boolean; readonly elastic: boolean },
): Layout {
  const base = join(root, 'var');
  const layout: Layout = {
    serverData: join(base, 'server'),
    pipelines: join(base, 'pipelines'),
    agentHome: join(base, 'agent'),
    keyFile: join(base, 'auto-register.key'),
    tokenFile: join(base, 'admin.token'),
  };
  // The server's folder is its own; each secret elsewhere has a file of mode 0600.
  mkdirSync(layout.serverData, { recursive: true });
  chmodSync(layout.serverData, 0o700);
  for (const folder of [layout.pipelines, layout.agentHome]) mkdirSync(folder, { recursive: true });
  if (!existsSync(layout.keyFile)) {
    writeFileSync(layout.keyFile, `${makeKey()}\n`, { mode: 0o600 });
  }
  const repository = findRepository(root, base);
  const template = readFileSync(join(root, 'examples', 'go-agent.gocd.yaml'), 'utf8');
  const yaml = template
    .replace('__REPOSITORY__', repository.url)
    .replace('__BRANCH__', repository.branch)
    .replace('__AUTO_UPDATE__', String(options.pollForCommits));
  const profiles = join(layout.pipelines, 'elastic.gocd.yaml');
  if (options.elastic) copyFileSync(join(root, 'examples', 'elastic', 'process.gocd.yaml'), profiles);
  else rmSync(profiles, { force: true });
  const forElastic = yaml.replaceAll(/^( +)tasks:$/gm, '$1elastic_profile_id: local\n$1tasks:');
  writeFileSync(join(layout.pipelines, 'go-agent.gocd.yaml'), options.elastic ? forElastic : yaml);
  return layout;
}
