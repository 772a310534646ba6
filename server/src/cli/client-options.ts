import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError } from '@go-agent/runtime';
import { type Command, Option } from 'commander';
import type { CliContext } from './cli-context.ts';
import { ServerClient } from './server-client.ts';

export interface ClientOptions {
  readonly serverUrl: string;
  readonly tokenFile?: string;
  readonly caFile?: string;
}

/** The options of every command that talks to a running server. The token itself is never an argument: those are public. */
export function withClientOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--server-url <url>', 'of the server, with /go')
        .env('GO_SERVER_URL')
        .default('http://127.0.0.1:8153/go'),
    )
    .addOption(
      new Option('--token-file <file>', 'file with the admin token; else the variable GO_SERVER_TOKEN'),
    )
    .addOption(
      new Option('--ca-file <file>', 'certificate authority to trust, for https').env('GO_SERVER_CA_FILE'),
    );
}

/** @throws AppError `usage` if an option makes no sense */
export async function openClient(options: ClientOptions, { cwd, env }: CliContext): Promise<ServerClient> {
  const { serverUrl, tokenFile, caFile } = options;
  checkServerUrl(serverUrl);
  const token =
    tokenFile === undefined
      ? env['GO_SERVER_TOKEN']
      : await read('--token-file', resolve(cwd, tokenFile), 'the admin token');
  const ca =
    caFile === undefined
      ? undefined
      : await read('--ca-file', resolve(cwd, caFile), 'a certificate authority in PEM');
  return new ServerClient({
    serverUrl,
    ...(token === undefined || token === '' ? {} : { token }),
    ...(ca === undefined ? {} : { ca }),
  });
}

function checkServerUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && /\/go\/?$/.test(url.pathname)) return;
  const example = 'Example: http://127.0.0.1:8153/go';
  throw new AppError(
    'usage',
    `The server URL "${text}" (--server-url or GO_SERVER_URL) must be one that ends with /go. ${example}`,
  );
}

async function read(option: string, file: string, what: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new AppError('usage', `${option} must name a file with ${what}`, { cause: error });
  });
  if (text.trim() !== '') return text.trim();
  throw new AppError('usage', `${option} must name a file with ${what}; ${file} is empty`);
}
