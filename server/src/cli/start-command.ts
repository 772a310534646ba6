import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, createLogger, type LogLevel, untilAborted, withDeadline } from '@go-agent/runtime';
import { type Command, Option } from 'commander';
import { type RunningServer, startServer } from '../start-server.ts';
import { makeDataFolder } from '../store/data-folder.ts';
import { VERSION } from '../version.ts';
import type { CliContext, CommandResult } from './cli-context.ts';
import { autoRegisterKey, parseServerSettings, type RawServerSettings } from './server-settings.ts';

const STOP_MS = 5000;
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

type Options = RawServerSettings & { readonly logLevel: LogLevel; readonly json: boolean };

export function addStartCommand(
  program: Command,
  context: CliContext,
  finish: (result: CommandResult) => void,
): void {
  program
    .command('start')
    .description('Run the server until it is stopped by SIGINT or SIGTERM.')
    .addOption(
      new Option('--port <port>', 'HTTP port; 0 takes a free one').env('GO_SERVER_PORT').default('8153'),
    )
    .addOption(
      new Option('--tls-port <port>', 'HTTPS port; 0 takes a free one, off: no HTTPS')
        .env('GO_SERVER_TLS_PORT')
        .default('8154'),
    )
    .addOption(
      new Option(
        '--bind <address>',
        'address to listen on; reading needs the token if it is not a loopback one',
      )
        .env('GO_SERVER_BIND')
        .default('127.0.0.1'),
    )
    .addOption(
      new Option('--data <dir>', 'database, artifacts, certificates, logs; for one server at a time')
        .env('GO_SERVER_DATA')
        .default('var'),
    )
    .addOption(
      new Option('--pipelines <dir>', 'folder of pipeline files (*.yaml), watched')
        .env('GO_SERVER_PIPELINES')
        .default('pipelines'),
    )
    .addOption(
      new Option('--bundles <dir>', 'folder of agent bundles (*.zip) that agents upgrade to, watched').env(
        'GO_SERVER_BUNDLES',
      ),
    )
    .addOption(
      new Option(
        '--plugins <dirs>',
        'folders of elastic agent plugins, separated as in PATH; each plugin is a sub-folder with a plugin.json',
      ).env('GO_SERVER_PLUGINS'),
    )
    .addOption(
      new Option('--bundle-downloads <number>', 'agents that may download a bundle at a time').default('10'),
    )
    .addOption(
      new Option(
        '--bundle-download-time <seconds>',
        'a download that takes longer is cut; it goes on later',
      ).default('120'),
    )
    .addOption(
      new Option(
        '--auto-register-key-file <file>',
        'agents with the key in this file need no approval; made if missing',
      ).env('GO_SERVER_AUTO_REGISTER_KEY_FILE'),
    )
    .addOption(
      new Option('--auto-register-local-agents', 'agents of this machine need no approval').default(false),
    )
    .addOption(
      new Option(
        '--require-login',
        'reading needs the token, too; wanted behind a proxy on the same machine',
      ).default(false),
    )
    .addOption(new Option('--material-poll <seconds>', 'how often materials are polled').default('60'))
    .addOption(
      new Option(
        '--lost-contact <seconds>',
        'an agent silent for so long is lost, its job given to another',
      ).default('300'),
    )
    .addOption(
      new Option('--log-level <level>', 'of logs/go-server.log in the data folder')
        .choices(LEVELS)
        .default('info'),
    )
    .addOption(new Option('--json', 'print one line of JSON when the server is ready').default(false))
    .addHelpText(
      'after',
      `
Example:
  go-server start --port 8153 --data /var/lib/go-server --pipelines ./pipelines

Exit codes: 0 stopped by a signal, 1 failed, 2 wrong usage`,
    )
    .action(async (options: Options) => finish(await start(options, context)));
}

async function start(options: Options, context: CliContext): Promise<CommandResult> {
  const { autoRegisterKeyFile, ...settings } = parseServerSettings(options, context.cwd);
  const logs = join(settings.dataDir, 'logs');
  await makeDataFolder(settings.dataDir);
  await mkdir(logs, { recursive: true });
  const logger = createLogger({
    file: join(logs, 'go-server.log'),
    name: 'go-server',
    level: options.logLevel,
  });
  const server = await startServer(
    {
      ...settings,
      environment: context.env,
      autoRegisterKey: await autoRegisterKey(autoRegisterKeyFile),
    },
    { clock: context.clock, logger },
  );
  context.out(options.json ? readyJson(server, context.pid) : readyText(server, settings.dataDir));
  let failure: unknown;
  await Promise.race([untilAborted(context.stop), server.ended]).catch((error: unknown) => {
    failure = error;
  });
  await withDeadline(async () => server[Symbol.asyncDispose](), STOP_MS, context.clock);
  if (failure !== undefined)
    throw new AppError('server-failed', 'The server cannot go on; see its log', { cause: failure });
  return 0;
}

function readyJson({ url, tlsUrl, caPath, adminToken }: RunningServer, pid: number): string {
  return `${JSON.stringify({ event: 'ready', url, tlsUrl, caPath, adminToken, pid })}\n`;
}

function readyText({ url, tlsUrl, caPath, adminToken }: RunningServer, dataDir: string): string {
  const lines = [`go-server ${VERSION} is ready`, `  HTTP   ${url}`];
  if (tlsUrl !== undefined) lines.push(`  HTTPS  ${tlsUrl}  (clients trust ${caPath})`);
  lines.push(`  Data   ${dataDir}`);
  if (adminToken !== undefined) {
    lines.push(
      '',
      `Admin token, shown only this once: ${adminToken}`,
      'Every write needs it: export GO_SERVER_TOKEN=<token>',
    );
  }
  return `${lines.join('\n')}\n`;
}
