import { CONTEXT_PATH, FILES_PATH, HeaderName, REMOTING_FILES_PATH } from '@go-agent/protocol';
import type { Clock, Logger } from '@go-agent/runtime';
import type { FastifyInstance } from 'fastify';
import { agentUuidOf, checkAgent } from './agent-api/agent-auth.ts';
import { registrationRoute } from './agent-api/registration-route.ts';
import { remotingRoutes } from './agent-api/remoting-routes.ts';
import { stockBinaries } from './agent-api/stock-binaries.ts';
import { tokenRoute } from './agent-api/token-route.ts';
import { restApi } from './api/rest-api.ts';
import type { FileDesk } from './artifacts/file-desk.ts';
import { fileRoutes } from './artifacts/file-routes.ts';
import { readTestSummary } from './artifacts/test-summary.ts';
import { bundleRoutes } from './bundles/bundle-routes.ts';
import type { BundleStore } from './bundles/bundle-store.ts';
import { DEFAULT_DOWNLOADS, DownloadGate, type DownloadLimits } from './bundles/download-gate.ts';
import { OfferDesk } from './bundles/offer-desk.ts';
import { trustRoutes } from './bundles/trust/trust-routes.ts';
import type { ServerCore } from './core.ts';
import { artifactPages } from './http/artifact-pages.ts';
import { httpApp } from './http/http-app.ts';
import type { Access } from './security/access.ts';

export interface EdgeParts {
  readonly core: ServerCore;
  readonly files: FileDesk;
  readonly access: Access;
  /** Absent: this server offers no bundles. */
  readonly bundles: BundleStore | undefined;
  readonly downloads: DownloadLimits | undefined;
  /** Folder of GoCD's own binaries for stock agents. */
  readonly binariesDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted when the server stops: held requests are answered, followers let go. */
  readonly stopping: AbortSignal;
}

/** All routes of the server. */
export async function createEdge(parts: EdgeParts): Promise<FastifyInstance> {
  const { core, files, access, logger, stopping } = parts;
  const app = httpApp({ logger, stopping });
  artifactPages(app);
  stockBinaries(app, parts.binariesDir);
  bundleRoutes(
    app,
    parts.bundles && {
      offers: new OfferDesk(parts.bundles, core.rollout),
      gate: new DownloadGate(parts.downloads ?? DEFAULT_DOWNLOADS, parts.clock),
    },
  );
  trustRoutes(app, parts.bundles?.trust);
  tokenRoute(app, core.agents);
  await app.register(registrationRoute, { agents: core.agents });
  await app.register(async (remoting) => {
    remoting.addHook('onRequest', (_request, reply, done) => {
      reply.header(HeaderName.goAgentServer, '1');
      done();
    });
    await remoting.register(remotingRoutes, { agents: core.agents, work: core.work, stopping, logger });
    await remoting.register(fileRoutes, {
      desk: files,
      base: CONTEXT_PATH + REMOTING_FILES_PATH,
      access: { check: (request) => checkAgent(core.agents, request), agentOf: agentUuidOf },
    });
  });
  await app.register(fileRoutes, {
    desk: files,
    base: CONTEXT_PATH + FILES_PATH,
    access: { check: (request) => access.check(request), agentOf: () => undefined },
  });
  await app.register(restApi, {
    testsOf: (job) => readTestSummary(files.folders, job),
    core,
    releases: () => parts.bundles?.releases ?? [],
    access,
    clock: parts.clock,
    stopping,
  });
  await app.ready();
  return app;
}
