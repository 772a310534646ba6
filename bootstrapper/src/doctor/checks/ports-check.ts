import { connect, createServer } from 'node:net';
import { type ListenAddress, parseListenAddress } from '../../control/listen-address.ts';
import { valueOf } from '../../settings/resolve-settings.ts';
import { check, fail, ok, skipped } from '../check.ts';
import { whoListens } from '../probes/who-listens.ts';

interface PortFacts {
  readonly text: string | undefined;
  readonly address?: ListenAddress;
  /** While the agent runs: of a connection; else: of an attempt to listen. Absent if it works. */
  readonly problem?: string;
  readonly holder?: string | undefined;
}

export const portsCheck = check({
  name: 'ports',
  about: 'the port at which health is told',
  async look({ resolution, running }, signal): Promise<PortFacts> {
    const text = valueOf(resolution, 'health-listen');
    const address = text === undefined ? undefined : parseListenAddress(text);
    if (address === undefined) return { text };
    const problem = running ? await tryConnect(address, signal) : await tryListen(address);
    const holder = problem === 'EADDRINUSE' ? await whoListens(address.port) : undefined;
    return { text, address, holder, ...(problem === undefined ? {} : { problem }) };
  },
  judge({ text, address, problem, holder }, { running }) {
    if (text === undefined) return skipped('health-listen is not set: the agent opens no port');
    if (address === undefined)
      return fail(`health-listen is "${text}", which is no address`, 'give one such as 127.0.0.1:8152');
    if (problem === undefined) return ok(running ? `health is told at ${text}` : `${text} is free`);
    if (problem === 'EADDRINUSE')
      return fail(
        `another process listens at ${text}${holder === undefined ? '' : `: ${holder}`}`,
        'end it, or set health-listen to another port; each agent of a machine needs its own',
      );
    return running
      ? fail(
          `nothing answers at ${text} (${problem})`,
          'go-agent logs --component bootstrapper tells why; then restart it',
        )
      : fail(
          `one cannot listen at ${text} (${problem})`,
          'use an address of this machine, and a port above 1023',
        );
  },
});

function tryListen({ host, port }: ListenAddress): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen({ host, port }, () => server.close(() => resolve(undefined)));
  });
}

function tryConnect({ host, port }: ListenAddress, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
  });
}
