import { ExitCode } from '@go-agent/protocol/launch-contract';
import { isAlive } from '@go-agent/runtime/core';
import { askBootstrapper } from '../control/ask-bootstrapper.ts';
import type { HealthReport } from '../control/health-report.ts';
import { failedVersions } from '../failed-versions.ts';
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
  const health = running ? await healthOf(context, home) : undefined;
  if (json) {
    const found = {
      failedVersions: failedVersions(home),
      ...(orphan === undefined ? {} : { orphan }),
      ...(health === undefined ? {} : { health }),
    };
    context.print(JSON.stringify({ running, ...known, ...found }, null, 2));
  } else {
    for (const line of running
      ? describe(known, health, context.clock.now())
      : [`go-agent does not run in ${home}.`])
      context.print(line);
    for (const { bundle, md5, reason, at } of failedVersions(home))
      context.print(`Failed:       ${bundle} ${md5} (${at}): ${reason}`);
    if (!running && known?.lastOutcome !== undefined) context.print(`Last outcome: ${lastOutcome(known)}`);
    if (orphan !== undefined) {
      context.print(
        `An agent runs without a bootstrapper (pid ${orphan.pid}): go-agent start takes its place, go-agent stop ends it.`,
      );
    }
  }
  return running ? ExitCode.ok : ExitCode.notRunning;
}

/** Only its owner may ask; others see what the status file tells. */
async function healthOf(context: CommandContext, home: string): Promise<HealthReport | undefined> {
  const answer = await askBootstrapper({ home, cwd: context.cwd }, 'GET', '/health');
  return answer.kind === 'done' ? answer.report : undefined;
}

function describe(status: BootstrapperStatus, health: HealthReport | undefined, now: number): string[] {
  const { process, phase, detail, launcher, agent, restarts } = status;
  const uptime = Math.max(0, Math.round((now - Date.parse(status.since)) / 1000));
  return [
    `go-agent ${status.bootstrapperVersion} runs in ${status.home} (pid ${process.pid}, for ${uptime} s)`,
    `Server:       ${status.serverUrl}`,
    `Phase:        ${phase}${detail === undefined ? '' : `: ${detail}`}`,
    ...(launcher ? [`Launcher:     ${launcher.version} (${launcher.source}, md5 ${launcher.md5})`] : []),
    agent ? `Agent:        pid ${agent.pid}${agent.md5 ? `, md5 ${agent.md5}` : ''}` : 'Agent:        none',
    ...describeAgent(health?.agent),
    `Relaunches:   ${restarts}${status.crashLoop ? ', in a crash loop: see go-agent logs' : ''}`,
    ...(status.lastOutcome ? [`Last outcome: ${lastOutcome(status)}`] : []),
    ...(health?.problems ?? []).map((problem) => `Problem:      ${problem}`),
  ];
}

function describeAgent(agent: HealthReport['agent']): string[] {
  if (agent === undefined) return [];
  const { state, job, connected, lastContact, disk, restartFor } = agent;
  return [
    `State:        ${state}${job === undefined ? '' : `, job ${job}`}`,
    `Contact:      ${connected ? 'yes' : 'none'}${lastContact === undefined ? '' : `, last at ${lastContact}`}`,
    ...(disk === undefined ? [] : [`Disk:         ${Math.floor(disk.freeBytes / 1024 ** 2)} MiB free`]),
    ...(restartFor === undefined ? [] : [`Settings:     ${restartFor.join(', ')} wait for go-agent restart`]),
  ];
}

function lastOutcome({ lastOutcome: last }: BootstrapperStatus): string {
  if (last === undefined) return 'none';
  return `${last.meaning} (${last.at}, after ${Math.round(last.lastedMs / 1000)} s)${last.message ? `: ${last.message}` : ''}`;
}
