import { join, resolve } from 'node:path';
import { AppError } from '@go-agent/runtime';
import { type Command, Option } from 'commander';
import { addRelease } from '../bundles/add-release.ts';
import { type ListedRelease, listReleases } from '../bundles/list-releases.ts';
import type { CliContext, CommandResult } from './cli-context.ts';
import { textTable } from './text-table.ts';

interface Options {
  readonly bundles?: string;
  readonly json: boolean;
}

export function addReleaseCommand(
  program: Command,
  context: CliContext,
  finish: (result: CommandResult) => void,
): void {
  const release = program
    .command('release')
    .description('The releases of the agent that a server offers. The server need not run.')
    .addHelpText(
      'after',
      '\nExample:\n  go-server release add ./dist/release-2.1.0 --bundles /srv/bundles\n\nExit codes: 0 done, 1 refused or failed, 2 wrong usage',
    );
  withBundles(release.command('add <folder>'))
    .description('Copy a signed release into the folder of the server, if the root there vouches for it.')
    .addHelpText(
      'after',
      `
What is added is offered at once, unless there is a roll-out (go-server rollout).

Example:
  go-server release add ./dist/release-2.1.0 --bundles /srv/bundles

Exit codes: 0 added, or it was there, 1 refused or failed, 2 wrong usage`,
    )
    .action(async (folder: string, options: Options) => {
      const from = resolve(context.cwd, folder);
      const added = await addRelease({ from, to: bundlesOf(options, context), now: context.clock.now() });
      context.out(options.json ? json(added) : addedText(added));
      finish(0);
    });
  withBundles(release.command('list'))
    .description('List the releases in the folder of the server, and whether agents will take them.')
    .addHelpText(
      'after',
      '\nExample:\n  go-server release list --bundles /srv/bundles\n\nExit codes: 0 listed, 1 failed, 2 wrong usage',
    )
    .action(async (options: Options) => {
      const listed = await listReleases(bundlesOf(options, context));
      context.out(options.json ? json(listed) : table(listed.releases, listed.problem));
      finish(0);
    });
}

function withBundles(command: Command): Command {
  return command
    .addOption(
      new Option('--bundles <dir>', 'folder of agent bundles, as of go-server start').env(
        'GO_SERVER_BUNDLES',
      ),
    )
    .addOption(new Option('--json', 'print JSON').default(false));
}

function bundlesOf({ bundles }: Options, { cwd }: CliContext): string {
  if (bundles !== undefined) return join(resolve(cwd, bundles));
  throw new AppError(
    'usage',
    'Name the folder that the server serves: --bundles <dir>, or GO_SERVER_BUNDLES',
  );
}

function addedText(added: Awaited<ReturnType<typeof addRelease>>): string {
  const { version, wasThere, targetsVersion, rootVersion, isFirst } = added;
  const what = wasThere ? `Release ${version} was there already.` : `Release ${version} is added.`;
  const trust = `Signed: targets ${targetsVersion}, root ${rootVersion}.`;
  const first =
    'It is the first one here, so its root was taken as it is; agents check it with the one they carry.';
  return `${[what, trust, ...(isFirst ? [first] : [])].join('\n')}\n`;
}

function table(releases: readonly ListedRelease[], problem: string | undefined): string {
  const warning = problem === undefined ? '' : `\n${problem}\n`;
  if (releases.length === 0) return `No releases yet.\n${warning}`;
  const rows = releases.flatMap(({ version, bundles }) =>
    bundles.map(({ name, md5, bytes, signed }) => [version, name, md5, String(bytes), signed ? 'yes' : 'NO']),
  );
  return `${textTable(['VERSION', 'BUNDLE', 'MD5', 'BYTES', 'SIGNED'], rows)}${warning}`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
