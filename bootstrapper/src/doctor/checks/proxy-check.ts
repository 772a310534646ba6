import { connect } from 'node:net';
import { check, ok, type Verdict, warn } from '../check.ts';

interface ProxyFacts {
  readonly proxies: readonly {
    readonly variable: string;
    readonly value: string;
    readonly problem?: string;
  }[];
}

const VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'];
const PORTS: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'socks5:': 1080,
  'socks5h:': 1080,
};

export const proxyCheck = check({
  name: 'proxy',
  about: 'proxies in the environment, which jobs go through and the agent does not',
  async look({ environment }, signal): Promise<ProxyFacts> {
    const set = VARIABLES.flatMap((variable) => {
      const value = environment[variable];
      return value ? [{ variable, value }] : [];
    });
    const proxies = await Promise.all(
      set.map(async ({ variable, value }) => {
        const problem = await problemOf(value, signal);
        return { variable, value: withoutPassword(value), ...(problem === undefined ? {} : { problem }) };
      }),
    );
    return { proxies };
  },
  judge({ proxies }): Verdict {
    const wrong = proxies.filter(({ problem }) => problem !== undefined);
    if (wrong.length > 0)
      return warn(
        wrong.map(({ variable, value, problem }) => `${variable} is ${value}, which ${problem}`).join('; '),
        'correct or unset it where the agent is started: jobs inherit it, git and curl among them',
      );
    if (proxies.length === 0) return ok('no proxy is set; the agent would go past it');
    return ok(
      `${proxies.map(({ variable }) => variable).join(', ')} can be reached; the agent itself goes past it`,
    );
  },
});

async function problemOf(value: string, signal: AbortSignal): Promise<string | undefined> {
  const text = /^[a-z0-9]+:\/\//i.test(value) ? value : `http://${value}`;
  if (!URL.canParse(text)) return 'is no URL';
  const { hostname, port, protocol } = new URL(text);
  const target = { host: hostname.replaceAll(/^\[|\]$/g, ''), port: Number(port) || (PORTS[protocol] ?? 80) };
  return new Promise((resolve) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(3000)]);
    const socket = connect({ ...target, signal: limit });
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error: NodeJS.ErrnoException) =>
      resolve(`cannot be reached (${limit.aborted ? 'nothing answers' : (error.code ?? error.message)})`),
    );
  });
}

function withoutPassword(value: string): string {
  return value.replace(/\/\/[^@/]*@/, '//***@');
}
