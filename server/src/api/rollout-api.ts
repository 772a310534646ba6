import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Release } from '../bundles/release.ts';
import type { RolloutDesk } from '../bundles/rollout/rollout-desk.ts';
import type { CommandOutcome } from '../domain/command-outcome.ts';
import { apiRoute } from './api-route.ts';
import { done } from './command-answer.ts';
import { decodedBody } from './decoded-body.ts';
import { rolloutShape } from './rollout-shape.ts';

const word = z.string().trim().min(1).max(255);
const share = z.number().min(0).max(100);

const wish = z.strictObject({
  version: word,
  percent: share.optional(),
  resources: z.array(word).optional(),
  environments: z.array(word).optional(),
  max_failed_percent: share.optional(),
  min_verdicts: z.int().min(1).optional(),
  base: word.optional(),
  replace: z.boolean().optional(),
});
const target = z.union([
  z.object({ agent: word }).transform(({ agent }) => ({ kind: 'agent' as const, name: agent })),
  z.object({ resource: word }).transform(({ resource }) => ({ kind: 'resource' as const, name: resource })),
]);
const pinned = z.object({ version: word });
const frozen = z.strictObject({ reason: z.string().trim().max(500).default('no reason was given') });

/** `/go/api/rollout`: who gets which release of the agent's software (docs/rollout.md). */
export function rolloutApi(
  app: FastifyInstance,
  rollout: RolloutDesk,
  releases: () => readonly Release[],
): void {
  const command = (path: string, run: (request: FastifyRequest) => Promise<CommandOutcome>) =>
    apiRoute(app, {
      method: 'POST',
      path: `/api/rollout${path}`,
      versions: [1],
      handle: async (request) => ({ message: done(await run(request)).message }),
    });

  apiRoute(app, {
    method: 'GET',
    path: '/api/rollout',
    versions: [1],
    handle: async () => rolloutShape(rollout.status(releases())),
  });
  command('/start', (request) => {
    const {
      max_failed_percent: maxFailedPercent,
      min_verdicts: minVerdicts,
      ...rest
    } = decodedBody(request, wish);
    return rollout.start({ ...rest, maxFailedPercent, minVerdicts }, releases());
  });
  command('/resume', () => rollout.resume());
  command('/end', () => rollout.end());
  command('/freeze', (request) => rollout.freeze(decodedBody(request, frozen).reason));
  command('/unfreeze', () => rollout.unfreeze());
  command('/pin', (request) =>
    rollout.pin({ ...decodedBody(request, target), ...decodedBody(request, pinned) }, releases()),
  );
  command('/unpin', (request) => rollout.unpin(decodedBody(request, target)));
}
