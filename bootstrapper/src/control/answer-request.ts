import type { HealthReport } from './health-report.ts';
import { metricsText } from './metrics-text.ts';

/** What a request may lead to. */
export interface Controls {
  health(): Promise<HealthReport>;
  drain(deadlineMs: number | undefined): void;
  resume(): void;
  /** For how long a running job may go on once the end is asked for. */
  drainTimeout(ms: number): void;
  /**
   * Has the agent hand its job over to the next one.
   * @param retryUpgrades versions that were refused or have failed here are tried again
   * @returns undefined, or why that is not possible
   */
  restart(retryUpgrades: boolean): string | undefined;
  /** Reads the settings anew; undefined, or what is wrong with them. */
  reload(): string | undefined;
}

export interface ControlAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Those of the stock agent's health check (reference: agent-behaviour 5.5). */
const CONNECTED_PATHS = ['/health/v1/isConnectedToServer', '/health/latest/isConnectedToServer'];

const text = (status: number, body: string): ControlAnswer => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body,
});
const json = (status: number, value: unknown): ControlAnswer => ({
  status,
  contentType: 'application/json; charset=utf-8',
  body: `${JSON.stringify(value, null, 2)}\n`,
});

/** @param mayChange orders are taken from this side too; else it is only looked at */
export async function answerRequest(
  method: string,
  url: string,
  controls: Controls,
  mayChange: boolean,
): Promise<ControlAnswer> {
  const { pathname, searchParams } = new URL(url, 'http://agent');
  const isRead = method === 'GET' || method === 'HEAD';
  if (isRead) return (await look(pathname, controls)) ?? text(404, 'The page you requested was not found');
  if (!mayChange) return text(405, 'This method is not allowed. Please use GET or HEAD.');
  const done = method === 'POST' ? change(pathname, searchParams, controls) : undefined;
  if (done === undefined) return text(404, 'The page you requested was not found');
  return done.ok ? json(200, await controls.health()) : json(409, done);
}

async function look(pathname: string, controls: Controls): Promise<ControlAnswer | undefined> {
  if (CONNECTED_PATHS.includes(pathname)) {
    const { agent } = await controls.health();
    return agent?.connected === true ? text(200, 'OK!') : text(503, 'Bad!');
  }
  if (pathname === '/health') {
    const report = await controls.health();
    return json(report.status === 'ok' ? 200 : 503, report);
  }
  if (pathname !== '/metrics') return undefined;
  const body = metricsText(await controls.health());
  return { status: 200, contentType: 'text/plain; version=0.0.4; charset=utf-8', body };
}

const IS_COUNT = /^\d+$/;
const noCount = (name: string) => `${name} must be a number of milliseconds`;

type Done = { readonly ok: true } | { readonly ok: false; readonly message: string };

function change(pathname: string, query: URLSearchParams, controls: Controls): Done | undefined {
  switch (pathname) {
    case '/drain': {
      const deadline = query.get('deadlineMs');
      if (deadline !== null && !IS_COUNT.test(deadline)) return { ok: false, message: noCount('deadlineMs') };
      controls.drain(deadline === null ? undefined : Number(deadline));
      return { ok: true };
    }
    case '/drain-timeout': {
      const ms = query.get('ms') ?? '';
      if (!IS_COUNT.test(ms)) return { ok: false, message: noCount('ms') };
      controls.drainTimeout(Number(ms));
      return { ok: true };
    }
    case '/resume':
      controls.resume();
      return { ok: true };
    case '/restart':
      return unless(controls.restart(query.has('retryUpgrades')));
    case '/reload':
      return unless(controls.reload());
    default:
      return undefined;
  }
}

function unless(problem: string | undefined): Done {
  return problem === undefined ? { ok: true } : { ok: false, message: problem };
}
