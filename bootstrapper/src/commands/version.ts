import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode } from '@go-agent/protocol/launch-contract';
import AdmZip from 'adm-zip';
import { findRunning } from '../find-running.ts';
import { withCarriedBundles } from '../with-carried-bundles.ts';
import type { CommandContext } from './context.ts';

/** `go-agent version --json`. Null: there is none, or it is not known. */
interface Versions {
  readonly bootstrapper: string;
  readonly carried: { readonly launcher: string | null; readonly agent: string | null };
  /** Null: no agent runs in this home. */
  readonly running: {
    readonly bootstrapper: string;
    readonly launcher: string | null;
    readonly agent: string | null;
  } | null;
  readonly node: string;
  readonly platform: string;
}

/** `go-agent version`: of everything that runs or would. */
export async function showVersions(
  context: CommandContext,
  { home, json }: { readonly home: string; readonly json: boolean },
): Promise<number> {
  const status = await findRunning(home).catch(() => undefined);
  const versions: Versions = {
    bootstrapper: context.version,
    carried: await withCarriedBundles(context, async (folder) => ({
      launcher: await versionInZip(join(folder, 'agent-launcher.zip')),
      agent: await versionInZip(join(folder, 'agent.zip')),
    })),
    running:
      status === undefined
        ? null
        : {
            bootstrapper: status.bootstrapperVersion,
            launcher: status.launcher?.version ?? null,
            agent: await unpackedVersion(home, status.agent?.md5),
          },
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
  };
  if (json) context.print(JSON.stringify(versions, null, 2));
  else for (const line of lines(versions)) context.print(line);
  return ExitCode.ok;
}

function lines({ bootstrapper, carried, running, node, platform }: Versions): string[] {
  const of = (version: string | null) => version ?? 'unknown';
  return [
    `go-agent ${bootstrapper} (Node ${node}, ${platform})`,
    `Carries:  launcher ${of(carried.launcher)}, agent ${of(carried.agent)}`,
    running === null
      ? 'Runs:     nothing in this home'
      : `Runs:     go-agent ${running.bootstrapper}, launcher ${of(running.launcher)}, agent ${of(running.agent)}`,
  ];
}

async function versionInZip(file: string): Promise<string | null> {
  try {
    const entry = new AdmZip(await readFile(file)).getEntry('manifest.json');
    return versionOf(entry?.getData().toString('utf8') ?? '');
  } catch {
    return null;
  }
}

async function unpackedVersion(home: string, md5: string | undefined): Promise<string | null> {
  if (md5 === undefined) return null;
  const manifest = join(home, 'data', 'agent', md5, 'manifest.json');
  return readFile(manifest, 'utf8').then(versionOf, () => null);
}

function versionOf(manifest: string): string | null {
  try {
    const { version } = JSON.parse(manifest) as { readonly version?: unknown };
    return typeof version === 'string' ? version : null;
  } catch {
    return null;
  }
}
