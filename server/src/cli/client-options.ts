import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
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

export async function openClient(options: ClientOptions, { cwd, env }: CliContext): Promise<ServerClient> {
  const read = async (file: string) => (await readFile(resolve(cwd, file), 'utf8')).trim();
  const token = options.tokenFile === undefined ? env['GO_SERVER_TOKEN'] : await read(options.tokenFile);
  const ca = options.caFile === undefined ? undefined : await read(options.caFile);
  return new ServerClient({
    serverUrl: options.serverUrl,
    ...(token === undefined || token === '' ? {} : { token }),
    ...(ca === undefined ? {} : { ca }),
  });
}
