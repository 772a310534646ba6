import type { AgentLaunchRequest, FromLauncherToAgent } from '@go-agent/protocol/launch-contract';
import { LAUNCH_CONTRACT } from '@go-agent/protocol/launch-contract';
import { AppError } from '@go-agent/runtime/core';
import type { Launch } from '../courier.ts';

/** The part of `process` that talks to a launcher. */
export interface LauncherChannel {
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
}

/** An agent started by hand: `--server-url URL --home FOLDER`, and any setting as `--name value`. @throws AppError agent-launch */
export function parseArguments(argv: readonly string[], cwd: string, execPath: string): Launch {
  const settings: Record<string, string> = {};
  for (let at = 0; at < argv.length; at += 1) {
    const [, name, value] = /^--([a-z-]+)(?:=(.*))?$/s.exec(argv[at] ?? '') ?? [];
    if (name === undefined)
      throw new AppError('agent-launch', `Not an option: ${argv[at]}. Give --name value`);
    const given = value ?? argv[(at += 1)];
    if (given === undefined) throw new AppError('agent-launch', `--${name} lacks its value`);
    settings[name] = given;
  }
  const { 'server-url': serverUrl, home = cwd, ...rest } = settings;
  if (serverUrl === undefined) {
    throw new AppError('agent-launch', 'Without a launcher, give --server-url URL and --home FOLDER');
  }
  return {
    home,
    serverUrl: serverUrl.replace(/\/$/, ''),
    settings: rest,
    runtime: [execPath],
    bootstrapperVersion: 'UNKNOWN',
  };
}

/** The launcher's first message. @throws AppError agent-launch */
export async function receiveLaunch(channel: LauncherChannel): Promise<Launch> {
  const { promise, resolve, reject } = Promise.withResolvers<AgentLaunchRequest>();
  const onMessage = (message: unknown) => {
    if (isFromLauncher(message) && message.type === 'launch') resolve(message);
  };
  channel.on('message', onMessage);
  channel.on('disconnect', () =>
    reject(new AppError('agent-launch', 'The launcher left before it said what to do')),
  );
  const request = await promise.finally(() => channel.off('message', onMessage));
  if (request.contract > LAUNCH_CONTRACT) {
    const known = `this agent knows launch contract ${LAUNCH_CONTRACT}`;
    throw new AppError(
      'agent-launch',
      `The launcher speaks contract ${request.contract}; ${known}. Upgrade the agent`,
    );
  }
  return request;
}

export function isFromLauncher(message: unknown): message is FromLauncherToAgent {
  return typeof message === 'object' && message !== null && 'type' in message;
}
