import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ExitCode } from '@go-agent/protocol/launch-contract';
import { type Command, InvalidArgumentError } from 'commander';
import { cleanKey } from '../cloud-init/clean-key.ts';
import { renderUserData } from '../cloud-init/user-data.ts';
import { parseServerUrl } from '../server-url.ts';
import type { CommandContext } from './context.ts';
import { exitCodes } from './exit-codes.ts';

type Context = Pick<CommandContext, 'cwd' | 'print'>;

interface PrintFlags {
  readonly serverUrl: string;
  readonly autoRegisterKeyFile: string;
  readonly resources?: string;
  readonly environments?: string;
  readonly hostname?: string;
  readonly elasticAgentId?: string;
  readonly elasticPluginId?: string;
  readonly packageUrl?: string;
  readonly sha256?: string;
  readonly rootCertFile?: string;
}

/** Adds `go-agent cloud-init print|clean`. */
export function addCloudInitCommand(
  program: Command,
  context: Context,
  done: (exitCode: number) => void,
): void {
  const cloudInit = program
    .command('cloud-init')
    .description('Agents on new virtual machines, by cloud-init.')
    .addHelpText(
      'after',
      `\nExample:\n  go-agent cloud-init print --server-url https://gocd.example.com:8154/go --auto-register-key-file key.txt > user-data\n${codes}`,
    );
  cloudInit
    .command('print')
    .description('Print user-data for a machine that installs, registers and starts an agent by itself.')
    .requiredOption('--server-url <url>', "the server, as the machine reaches it; ends in '/go'", serverUrl)
    .requiredOption('--auto-register-key-file <file>', 'file that holds the key for automatic registration')
    .option('--resources <list>', 'resources of the agent, separated by commas', oneLine)
    .option('--environments <list>', 'environments of the agent, separated by commas', oneLine)
    .option('--hostname <name>', 'name to register with', oneLine)
    .option('--elastic-agent-id <id>', 'what the agent is to the plugin that made the machine', oneLine)
    .option('--elastic-plugin-id <id>', 'that plugin', oneLine)
    .option('--package-url <url>', 'a .deb or .tar.gz of go-agent; else the image has it already', packageUrl)
    .option('--sha256 <digest>', 'SHA-256 of the package, in hex', sha256)
    .option('--root-cert-file <file>', "certificates (PEM) that the server's is signed by")
    .addHelpText('after', printExample)
    .action(async (flags: PrintFlags, self: Command) => {
      const text = await userDataOf(context, flags);
      if (text.ok) context.print(text.text.trimEnd());
      else self.error(`go-agent: ${text.message}`);
      done(ExitCode.ok);
    });
  cloudInit
    .command('clean')
    .description(
      'Make the key illegible wherever cloud-init has kept it on this machine. The user-data does this itself.',
    )
    .requiredOption('--key-file <file>', 'file that holds the key')
    .option('--root <folder>', 'the system in this folder', '/')
    .addHelpText(
      'after',
      `\nExample:\n  go-agent cloud-init clean --key-file /run/go-agent-setup/key\n${codes}`,
    )
    .action(async ({ keyFile, root }: { keyFile: string; root: string }, self: Command) => {
      const key = await readText(resolve(context.cwd, keyFile));
      if (key === undefined) return self.error(`go-agent: ${keyFile} cannot be read, or has no key in it`);
      for (const file of await cleanKey(key, root)) context.print(`Cleaned ${file}`);
      done(ExitCode.ok);
    });
}

const codes = exitCodes('ok', 'failed', 'usage');

const printExample = `
Example:
  go-agent cloud-init print --server-url https://gocd.example.com:8154/go --auto-register-key-file key.txt \\
    --resources linux,docker --package-url https://example.com/go-agent_0.1.0_amd64.deb --sha256 6e1f... > user-data

The key is readable in the user-data. On the machine it is gone once the agent is registered; but many clouds go on handing out
user-data to whoever asks on that machine, jobs too: prefer keys that expire.
${codes}`;

type Text = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

async function userDataOf({ cwd }: Context, flags: PrintFlags): Promise<Text> {
  const { serverUrl, autoRegisterKeyFile, packageUrl, sha256, rootCertFile, ...registration } = flags;
  if ((packageUrl === undefined) !== (sha256 === undefined)) {
    return {
      ok: false,
      message: '--package-url and --sha256 go together: what is not checked is not installed',
    };
  }
  const key = await readText(resolve(cwd, autoRegisterKeyFile));
  if (key === undefined || key.includes('\n')) {
    return { ok: false, message: `${autoRegisterKeyFile} must be a file with the key on one line` };
  }
  const certificates = rootCertFile === undefined ? undefined : await readText(resolve(cwd, rootCertFile));
  if (rootCertFile !== undefined && !certificates?.includes('-----BEGIN CERTIFICATE-----')) {
    return { ok: false, message: `${rootCertFile} must be a file with certificates in PEM` };
  }
  const text = renderUserData({
    ...registration,
    serverUrl,
    autoRegisterKey: key,
    ...(packageUrl === undefined || sha256 === undefined ? {} : { package: { url: packageUrl, sha256 } }),
    ...(certificates === undefined ? {} : { rootCertificates: certificates }),
  });
  return { ok: true, text };
}

/** Trimmed; absent if there is nothing. */
async function readText(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.trim() || undefined;
}

function serverUrl(text: string): string {
  const parsed = parseServerUrl(text);
  if (!parsed.ok) throw new InvalidArgumentError(parsed.message);
  return parsed.url;
}

function packageUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || !/\.(deb|tar\.gz)$/.test(url.pathname)) {
    throw new InvalidArgumentError('Must be the http or https address of a .deb or .tar.gz.');
  }
  return url.href;
}

function sha256(text: string): string {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new InvalidArgumentError('Must be 64 hex digits.');
  return text.toLowerCase();
}

function oneLine(text: string): string {
  if (/\p{Cc}/u.test(text)) throw new InvalidArgumentError('Must be one line.');
  return text;
}
