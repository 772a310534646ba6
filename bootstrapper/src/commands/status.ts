import { ExitCode } from '@go-agent/protocol/launch-contract';
import { isAlive } from '@go-agent/runtime/core';
import { findOrphan } from '../find-orphan.ts';
import { readStatus } from '../find-running.ts';
import type { BootstrapperStatus } from '../status.ts';
import type { CommandContext } from './context.ts';

/** `go-agent status`: what runs in this home; exit code 3 if nothing does. */
export async function status(
  context: CommandContext,
  { home, json }: { home: string; json: boolean },
): Promise<number> {
  const known = await readStatus(home);
  const running = known !== undefined && isAlive(known.process);
  const orphan = running ? undefined : findOrphan(home);
  if (json)
    context.print(
      JSON.stringify({ running, ...known, ...(orphan === undefined ? {} : { orphan }) }, null, 2),
    );
  else {
    for (const line of running ? describe(known, context.clock.now()) : [`go-agent does not run in ${home}.`])
      context.print(line);
    if (!running && known?.lastOutcome !== undefined) context.print(`Last outcome: ${lastOutcome(known)}`);
    if (orphan !== undefined) {
      context.print(
        `An agent runs without a bootstrapper (pid ${orphan.pid}): go-agent start takes its place, go-agent stop ends it.`,
      );
    }
  }
  return running ? ExitCode.ok : ExitCode.notRunning;
}

function describe(status: BootstrapperStatus, now: number): string[] {
  const { process, phase, detail, launcher, agent, restarts } = status;
  const uptime = Math.max(0, Math.round((now - Date.parse(status.since)) / 1000));
  return [
    `go-agent ${status.bootstrapperVersion} runs in ${status.home} (pid ${process.pid}, for ${uptime} s)`,
    `Server:       ${status.serverUrl}`,
    `Phase:        ${phase}${detail === undefined ? '' : `: ${detail}`}`,
    ...(launcher ? [`Launcher:     ${launcher.version} (${launcher.source}, md5 ${launcher.md5})`] : []),
    agent ? `Agent:        pid ${agent.pid}${agent.md5 ? `, md5 ${agent.md5}` : ''}` : 'Agent:        none',
    `Relaunches:   ${restarts}${status.crashLoop ? ', in a crash loop: see go-agent logs' : ''}`,
    ...(status.lastOutcome ? [`Last outcome: ${lastOutcome(status)}`] : []),
  ];
}

function lastOutcome({ lastOutcome: last }: BootstrapperStatus): string {
  if (last === undefined) return 'none';
  return `${last.meaning} (${last.at}, after ${Math.round(last.lastedMs / 1000)} s)${last.message ? `: ${last.message}` : ''}`;
}
