import { open } from 'node:fs/promises';
import { CONTEXT_PATH, formatReprDigest, HeaderName, LATEST_BUNDLES_PATH } from '@go-agent/protocol';
import { BundleName } from '@go-agent/protocol/launch-contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { byteRange } from '../http/byte-range.ts';
import { Halt } from '../http/halt.ts';
import { READ } from '../http/http-app.ts';
import { sendFile } from '../http/send-file.ts';
import type { DownloadGate } from './download-gate.ts';
import type { OfferDesk } from './offer-desk.ts';
import type { OfferedBundle } from './release.ts';

const STATUS_HEADERS: Readonly<Record<BundleName, string>> = {
  [BundleName.agent]: HeaderName.agentMd5,
  [BundleName.launcher]: HeaderName.launcherMd5,
  [BundleName.plugins]: HeaderName.pluginsMd5,
};
const FOLDER = '/go/admin/agent-bundles';

export interface BundleRoutes {
  readonly offers: OfferDesk;
  readonly gate: DownloadGate;
}

/** `/go/admin/agent-bundles/`: what our agents run (docs/rollout.md, "On the wire"). */
export function bundleRoutes(app: FastifyInstance, bundles: BundleRoutes | undefined): void {
  app.route({
    method: READ,
    url: CONTEXT_PATH + LATEST_BUNDLES_PATH,
    handler: (request, reply) => {
      if (bundles === undefined)
        throw Halt.text(404, 'This server offers no agent bundles; it was started without --bundles.');
      const offered = bundles.offers.offer(request);
      for (const [name, header] of Object.entries(STATUS_HEADERS)) {
        const { bundle } = offered(name as BundleName);
        if (bundle !== undefined) reply.header(header, bundle.md5);
      }
      return reply.type('text/plain; charset=utf-8').send('');
    },
  });
  for (const name of Object.values(BundleName)) {
    app.route({
      method: READ,
      url: `${FOLDER}/${name}.zip`,
      handler: async (request, reply): Promise<FastifyReply> => {
        const offer = bundles?.offers.offer(request)(name);
        if (bundles === undefined || offer?.bundle === undefined)
          throw Halt.text(404, `This server offers no bundle ${name}.zip${offer ? `: ${offer.why}` : ''}.`);
        return sendBundle(request, reply, offer.bundle, bundles.gate);
      },
    });
    app.route<{ readonly Params: { readonly file: string } }>({
      method: READ,
      url: `${FOLDER}/${name}/:file`,
      handler: async (request, reply): Promise<FastifyReply> => {
        const md5 = /^([0-9a-f]{32})\.zip$/.exec(request.params.file)?.[1];
        const bundle = bundles?.offers.byDigest(name, md5);
        if (bundles === undefined || bundle === undefined)
          throw Halt.text(404, `This server has no bundle ${name} with this digest.`);
        return sendBundle(request, reply, bundle, bundles.gate);
      },
    });
  }
}

async function sendBundle(
  request: FastifyRequest,
  reply: FastifyReply,
  bundle: OfferedBundle,
  gate: DownloadGate,
): Promise<FastifyReply> {
  const etag = `"${bundle.md5}"`;
  reply
    .header(HeaderName.contentMd5, bundle.md5)
    .header(HeaderName.reprDigest, formatReprDigest(bundle.sha256))
    .header('ETag', etag)
    .type('application/zip');
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  // A download of another version cannot be resumed.
  const resumed = request.headers['if-range'];
  if (resumed !== undefined && resumed !== etag) delete request.headers.range;
  const isBody =
    request.method === 'GET' && byteRange(request.headers.range, bundle.bytes).type !== 'unsatisfiable';
  const file = await open(bundle.path, 'r');
  if (isBody) {
    const entry = gate.enter(whoAsks(request), reply.raw);
    if (entry.type === 'busy') {
      await file.close();
      return sendBusy(reply, entry.retryAfterSeconds);
    }
  }
  return sendFile(request, reply, file, bundle.bytes);
}

function sendBusy(reply: FastifyReply, seconds: number): FastifyReply {
  return reply
    .code(503)
    .removeHeader('ETag')
    .header('Retry-After', seconds)
    .type('text/plain; charset=utf-8')
    .send(`Other agents are downloading now. Come back in ${seconds} s.\n`);
}

function whoAsks({ headers, ip }: FastifyRequest): string {
  const guid = headers[HeaderName.agentGuid.toLowerCase()];
  return typeof guid === 'string' ? guid.slice(0, 100) : ip;
}
