import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { socketToReach } from './control-socket.ts';
import type { HealthReport } from './health-report.ts';

export type BootstrapperAnswer =
  | { readonly kind: 'done'; readonly report: HealthReport }
  /** It runs, and has said why it does not do that. */
  | { readonly kind: 'refused'; readonly message: string }
  /** Nobody listens: no bootstrapper, or one of an earlier version. */
  | { readonly kind: 'silent'; readonly message: string };

const PATIENCE_MS = 10_000;

/** Asks the bootstrapper of a home folder for something. Never rejects. */
export async function askBootstrapper(
  { home, cwd }: { readonly home: string; readonly cwd: string },
  method: 'GET' | 'POST',
  path: string,
): Promise<BootstrapperAnswer> {
  try {
    using socket = socketToReach(home, cwd);
    // Not by an import, which would load what the module has for browsers as well.
    const { request } = process.getBuiltinModule('node:http');
    const sent = request({ socketPath: socket.path, method, path, timeout: PATIENCE_MS });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${PATIENCE_MS / 1000} s`)));
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const body: unknown = JSON.parse(await text(response));
    if (response.statusCode === 409)
      return { kind: 'refused', message: String((body as { message?: unknown }).message) };
    return { kind: 'done', report: body as HealthReport };
  } catch (error) {
    return { kind: 'silent', message: error instanceof Error ? error.message : String(error) };
  }
}
