import { mkdir, readFile } from 'node:fs/promises';
import { delimiter, dirname, resolve } from 'node:path';
import { AppError, writeFileAtomic } from '@go-agent/runtime';
import { isMissing } from '../http/missing-file.ts';
import { makeKey } from '../security/make-key.ts';
import type { ServerOptions } from '../start-server.ts';

/** The options of `go-server start` as commander hands them over: text, from flag, environment or default. */
export interface RawServerSettings {
  readonly port: string;
  readonly tlsPort: string;
  readonly bind: string;
  readonly data: string;
  readonly pipelines: string;
  readonly bundles?: string;
  readonly bundleDownloads: string;
  readonly bundleDownloadTime: string;
  readonly plugins?: string;
  readonly autoRegisterKeyFile?: string;
  readonly autoRegisterLocalAgents: boolean;
  readonly requireLogin: boolean;
  readonly materialPoll: string;
  readonly lostContact: string;
}

export type ServerSettings = Omit<ServerOptions, 'autoRegisterKey'> & {
  readonly autoRegisterKeyFile?: string;
};

/** @throws AppError `usage` with all problems at once */
export function parseServerSettings(raw: RawServerSettings, cwd: string): ServerSettings {
  const problems: string[] = [];
  const number = (option: string, text: string, min: number, max: number): number => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    problems.push(`${option} must be a whole number from ${min} to ${max}, not "${text}"`);
    return min;
  };
  const settings = {
    port: number('--port', raw.port, 0, 65_535),
    tlsPort: raw.tlsPort === 'off' ? ('off' as const) : number('--tls-port', raw.tlsPort, 0, 65_535),
    bind: raw.bind,
    dataDir: resolve(cwd, raw.data),
    pipelinesDir: resolve(cwd, raw.pipelines),
    ...(raw.bundles === undefined ? {} : { bundlesDir: resolve(cwd, raw.bundles) }),
    pluginFolders: (raw.plugins ?? '')
      .split(delimiter)
      .filter((folder) => folder !== '')
      .map((folder) => resolve(cwd, folder)),
    ...(raw.autoRegisterKeyFile === undefined
      ? {}
      : { autoRegisterKeyFile: resolve(cwd, raw.autoRegisterKeyFile) }),
    downloads: {
      atOnce: number('--bundle-downloads', raw.bundleDownloads, 1, 10_000),
      holdMs: number('--bundle-download-time', raw.bundleDownloadTime, 1, 86_400) * 1000,
    },
    autoRegisterLocalAgents: raw.autoRegisterLocalAgents,
    requireLogin: raw.requireLogin,
    materialPollMs: number('--material-poll', raw.materialPoll, 1, 86_400) * 1000,
    lostContactMs: number('--lost-contact', raw.lostContact, 10, 86_400) * 1000,
  };
  if (problems.length > 0) throw new AppError('usage', problems.join('; '));
  return settings;
}

/** The key by which agents may register themselves: the file's content, made at the first start. Empty without a file. */
export async function autoRegisterKey(file: string | undefined): Promise<string> {
  if (file === undefined) return '';
  try {
    const key = (await readFile(file, 'utf8')).trim();
    if (key !== '') return key;
    throw new AppError('usage', `${file} is empty; write a key into it, or delete it and one is made`);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const key = makeKey();
  await mkdir(dirname(file), { recursive: true });
  await writeFileAtomic(file, `${key}\n`, { mode: 0o600 });
  return key;
}
