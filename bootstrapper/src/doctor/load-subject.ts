import type { CommandContext } from '../commands/context.ts';
import { askBootstrapper } from '../control/ask-bootstrapper.ts';
import { findOrphan } from '../find-orphan.ts';
import { findRunning, readStatus } from '../find-running.ts';
import { parseServerUrl } from '../server-url.ts';
import { withHomeSources } from '../settings/home-sources.ts';
import { launchSettings } from '../settings/launch-settings.ts';
import { resolveSettings, valueOf } from '../settings/resolve-settings.ts';
import type { SettingSources } from '../settings/setting-sources.ts';
import { withCarriedBundles } from '../with-carried-bundles.ts';
import { ServerProbe } from './probes/server-probe.ts';
import type { Subject } from './subject.ts';

export interface SubjectOptions {
  readonly sources: SettingSources;
  /** Folder of bundles to use instead of those carried. */
  readonly bundles?: string;
}

export async function loadSubject(
  context: CommandContext,
  { sources, bundles }: SubjectOptions,
): Promise<Subject> {
  const { clock, environment, version, cwd } = context;
  const home = valueOf(resolveSettings(sources), 'home') ?? cwd;
  const resolution = resolveSettings(await withHomeSources(sources, home));
  const settings = launchSettings(resolution);
  const url = valueOf(resolution, 'server-url');
  const server = url === undefined ? undefined : parseServerUrl(url);
  return {
    home,
    clock,
    environment,
    version,
    resolution,
    settings,
    server,
    probe: new ServerProbe(server?.ok === true ? new URL(server.url) : undefined, settings, clock),
    ...(await findProcesses(home, cwd)),
    lookAtBundles: (look) => (bundles === undefined ? withCarriedBundles(context, look) : look(bundles)),
  };
}

type Processes = Pick<Subject, 'status' | 'running' | 'health' | 'orphan' | 'processPid'>;

async function findProcesses(home: string, cwd: string): Promise<Processes> {
  const running = await findRunning(home).catch(() => undefined);
  if (running !== undefined) {
    const answer = await askBootstrapper({ home, cwd }, 'GET', '/health');
    return {
      status: running,
      running: true,
      health: answer.kind === 'done' ? answer.report : undefined,
      orphan: undefined,
      processPid: running.agent?.pid ?? running.process.pid,
    };
  }
  const status = await readStatus(home).catch(() => undefined);
  const orphan = findOrphan(home);
  return { status, running: false, health: undefined, orphan, processPid: orphan?.pid ?? process.pid };
}
