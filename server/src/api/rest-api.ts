import type { Clock } from '@go-agent/runtime';
import type { FastifyInstance } from 'fastify';
import type { TestCounts } from '../artifacts/test-summary.ts';
import type { Release } from '../bundles/release.ts';
import type { ServerCore } from '../core.ts';
import type { JobView } from '../domain/views.ts';
import type { Access } from '../security/access.ts';
import { agentsApi } from './agents-api.ts';
import { cctray } from './cctray.ts';
import { elasticProfilesApi } from './elastic-profiles-api.ts';
import { elasticQueueApi } from './elastic-queue-api.ts';
import { elasticStatusReports } from './elastic-status-reports.ts';
import { eventStream } from './event-stream.ts';
import { pipelinesApi } from './pipelines-api.ts';
import { rolloutApi } from './rollout-api.ts';
import { encryptApi, healthMessagesApi, publicApi } from './server-api.ts';
import { stagesApi } from './stages-api.ts';

export interface RestApiParts {
  readonly core: ServerCore;
  /** Newest first. */
  readonly releases: () => readonly Release[];
  readonly access: Access;
  readonly testsOf: (job: JobView) => Promise<TestCounts | undefined>;
  readonly clock: Clock;
  readonly stopping: AbortSignal;
}

/** The REST API, one resource a file. */
export async function restApi(
  app: FastifyInstance,
  { core, releases, access, testsOf, clock, stopping }: RestApiParts,
): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  publicApi(app);
  await app.register(async (guarded) => {
    guarded.addHook('onRequest', (request) => access.check(request));
    agentsApi(guarded, core.agents);
    pipelinesApi(guarded, core.pipelines);
    stagesApi(guarded, core.pipelines, testsOf, () => core.waits());
    healthMessagesApi(guarded, core);
    encryptApi(guarded, core);
    rolloutApi(guarded, core.rollout, releases);
    elasticProfilesApi(guarded, core.elastic);
    elasticQueueApi(guarded, core.elastic);
    elasticStatusReports(guarded, core.elastic);
    cctray(guarded, core.pipelines, clock.now());
    eventStream(guarded, { events: core.events, clock, stopping });
  });
}
