import type { Clock } from '@go-agent/runtime';
import type { FastifyInstance } from 'fastify';
import type { TestCounts } from '../artifacts/test-summary.ts';
import type { ServerCore } from '../core.ts';
import type { JobView } from '../domain/views.ts';
import type { Access } from '../security/access.ts';
import { agentsApi } from './agents-api.ts';
import { cctray } from './cctray.ts';
import { eventStream } from './event-stream.ts';
import { pipelinesApi } from './pipelines-api.ts';
import { encryptApi, healthMessagesApi, publicApi } from './server-api.ts';
import { stagesApi } from './stages-api.ts';

export interface RestApiParts {
  readonly core: ServerCore;
  readonly access: Access;
  readonly testsOf: (job: JobView) => Promise<TestCounts | undefined>;
  readonly clock: Clock;
  readonly stopping: AbortSignal;
}

/** The REST API, one resource a file. */
export async function restApi(
  app: FastifyInstance,
  { core, access, testsOf, clock, stopping }: RestApiParts,
): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  publicApi(app);
  await app.register(async (guarded) => {
    guarded.addHook('onRequest', (request) => access.check(request));
    agentsApi(guarded, core.agents);
    pipelinesApi(guarded, core.pipelines);
    stagesApi(guarded, core.pipelines, testsOf);
    healthMessagesApi(guarded, core);
    encryptApi(guarded, core);
    cctray(guarded, core.pipelines);
    eventStream(guarded, { events: core.events, clock, stopping });
  });
}
