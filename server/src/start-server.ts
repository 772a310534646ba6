import { join } from 'node:path';
import { type Clock, type Logger, runServices, type Service } from '@go-agent/runtime';
import { ActiveJobs } from './artifacts/active-jobs.ts';
import { ConsoleStore } from './artifacts/console-store.ts';
import { DiskSpace } from './artifacts/disk-space.ts';
import { JobFolders } from './artifacts/job-folders.ts';
import { PartialUploads } from './artifacts/partial-uploads.ts';
import { DiskSync } from './artifacts/sync-disk.ts';
import { BundleStore } from './bundles/bundle-store.ts';
import type { DownloadLimits } from './bundles/download-gate.ts';
import { createCore } from './core/create-core.ts';
import type { CoreOptions, ServerCore } from './core.ts';
import { createEdge } from './edge.ts';
import { type Listener, listen } from './http/listeners.ts';
import { isLoopback } from './http/local-request.ts';
import { Access } from './security/access.ts';
import { AdminToken } from './security/admin-token.ts';
import { serverCertificate } from './security/server-certificate.ts';
import { keepDataFolderPrivate, makeDataFolder } from './store/data-folder.ts';
import { lockDataFolder } from './store/data-lock.ts';

export interface ServerOptions extends Omit<CoreOptions, 'serverUrl' | 'files'> {
  /** Address to listen on. */
  readonly bind: string;
  /** 0: any free one. */
  readonly port: number;
  readonly tlsPort: number | 'off';
  /** Folder of agent bundles; absent: none are offered. */
  readonly bundlesDir?: string;
  /** How bundles are handed out. Default: 10 at once, 2 minutes each. */
  readonly downloads?: DownloadLimits;
  /** Reading needs the token, too. Always so when `bind` is not a loopback address. */
  readonly requireLogin: boolean;
}

export interface ServerDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Makes the core; tests of the edge give one that answers as they say. */
  readonly createCore?: (options: CoreOptions, deps: { clock: Clock; logger: Logger }) => Promise<ServerCore>;
}

export interface RunningServer extends AsyncDisposable {
  /** Ends in `/go`. */
  readonly url: string;
  readonly tlsUrl?: string;
  /** Certificate that TLS clients must trust. */
  readonly caPath?: string;
  /** Only if it was made just now. */
  readonly adminToken?: string;
  readonly core: ServerCore;
  /** Settles when the server's services have ended: rejects if one of them failed. */
  readonly ended: Promise<void>;
}

/**
 * Starts everything and resolves when requests are answered. Disposing answers held requests, lets running ones end, and
 * closes the database.
 * @throws AppError `data-locked`, `port-taken`, `listen-failed`, `tls-files`, and those of the core
 */
export async function startServer(options: ServerOptions, deps: ServerDeps): Promise<RunningServer> {
  const { clock, logger } = deps;
  const { dataDir } = options;
  await using resources = new AsyncDisposableStack();
  const stop = new AbortController();
  await makeDataFolder(dataDir);
  resources.use(lockDataFolder(dataDir, logger));
  await keepDataFolderPrivate(dataDir, logger);
  const folders = new JobFolders(dataDir);
  await folders.make();
  // Listening comes first: who loses the race for a port must not have touched the database.
  const http = resources.use(
    await listen({ host: options.bind, port: options.port, portOption: '--port', clock }),
  );
  const tls = options.tlsPort === 'off' ? undefined : await listenTls(options, options.tlsPort, clock);
  if (tls !== undefined) resources.use(tls.listener);
  const token = new AdminToken(dataDir);
  const adminToken = await token.createIfMissing();
  const consoles = resources.use(new ConsoleStore(folders));
  const core = resources.use(
    await (deps.createCore ?? createCore)(
      { ...options, serverUrl: http.url, files: consoles },
      { clock, logger },
    ),
  );
  const partials = resources.use(new PartialUploads(folders.partial));
  await partials.open(clock.now());
  const activeJobs = resources.use(new ActiveJobs(core.pipelines, core.events));
  const bundles = await openBundles(options, deps);
  for (const offers of [bundles, core.rollout]) offers?.onChange(() => core.work.releaseHeldRequests());
  const app = await createEdge({
    core,
    files: {
      folders,
      consoles,
      activeJobs,
      disk: new DiskSpace(folders.artifacts, clock),
      partials,
      diskSync: new DiskSync(folders.artifacts),
      pipelines: core.pipelines,
      work: core.work,
      clock,
      logger,
      stopping: stop.signal,
    },
    access: new Access(token, { requireLogin: options.requireLogin || !isLocalBind(options.bind) }),
    bundles,
    downloads: options.downloads,
    binariesDir: join(dataDir, 'binaries'),
    clock,
    logger,
    stopping: stop.signal,
  });
  resources.defer(() => app.close());
  const services: Service[] = [...core.services, ...(bundles === undefined ? [] : [bundles])];
  const ended = runServices(services, stop.signal);
  ended.catch((error: unknown) => logger.fatal({ err: error }, 'A service of the server failed'));
  for (const listener of [http, tls?.listener])
    listener?.serve((request, response) => app.routing(request, response));
  logger.info({ url: http.url, tlsUrl: tls?.listener.url, dataDir }, 'Server started');
  const owned = resources.move();
  return {
    url: http.url,
    ...(tls === undefined ? {} : { tlsUrl: tls.listener.url, caPath: tls.caPath }),
    ...(adminToken === undefined ? {} : { adminToken }),
    core,
    ended,
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('The server is stopping'));
      // First the listeners, all at once: no request may find a closed database.
      const listeners = tls === undefined ? [http] : [http, tls.listener];
      await Promise.all(listeners.map(async (listener) => listener[Symbol.asyncDispose]()));
      await ended.catch(() => undefined);
      await owned.disposeAsync();
      logger.info('Server stopped');
    },
  };
}

async function openBundles(
  { bundlesDir, dataDir }: ServerOptions,
  { clock, logger }: ServerDeps,
): Promise<BundleStore | undefined> {
  if (bundlesDir === undefined) return undefined;
  const bundles = new BundleStore({ source: bundlesDir, dataDir, clock, logger });
  await bundles.open();
  return bundles;
}

async function listenTls(
  { bind, dataDir }: ServerOptions,
  port: number,
  clock: Clock,
): Promise<{ readonly listener: Listener; readonly caPath: string }> {
  const { key, cert, caPath } = await serverCertificate(join(dataDir, 'tls'), bind, clock);
  const listener = await listen({ host: bind, port, portOption: '--tls-port', tls: { key, cert }, clock });
  return { listener, caPath };
}

function isLocalBind(address: string): boolean {
  return address === 'localhost' || isLoopback(address);
}
