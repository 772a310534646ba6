import { open } from 'node:fs/promises';
import { formatReprDigest, HeaderName } from '@go-agent/protocol';
import { BundleName } from '@go-agent/protocol/launch-contract';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Halt } from '../http/halt.ts';
import { READ } from '../http/http-app.ts';
import { sendFile } from '../http/send-file.ts';
import type { BundleStore } from './bundle-store.ts';

const STATUS_HEADERS: Readonly<Record<BundleName, string>> = {
  [BundleName.agent]: HeaderName.agentMd5,
  [BundleName.launcher]: HeaderName.launcherMd5,
  [BundleName.plugins]: HeaderName.pluginsMd5,
};

/** `/go/admin/agent-bundles/`: what our agents run (docs/architecture.md, extensions of the wire). */
export function bundleRoutes(app: FastifyInstance, bundles: BundleStore | undefined): void {
  app.route({
    method: READ,
    url: '/go/admin/agent-bundles/latest.status',
    handler: (_request, reply) => {
      if (bundles === undefined)
        throw Halt.text(404, 'This server offers no agent bundles; it was started without --bundles.');
      for (const [name, header] of Object.entries(STATUS_HEADERS)) {
        const md5 = bundles.offered(name as BundleName)?.md5;
        if (md5 !== undefined) reply.header(header, md5);
      }
      return reply.type('text/plain; charset=utf-8').send('');
    },
  });
  for (const name of Object.values(BundleName)) {
    app.route({
      method: READ,
      url: `/go/admin/agent-bundles/${name}.zip`,
      handler: async (request, reply): Promise<FastifyReply> => {
        const bundle = bundles?.offered(name);
        if (bundle === undefined) throw Halt.text(404, `This server offers no bundle ${name}.zip.`);
        const etag = `"${bundle.md5}"`;
        // A download of another version cannot be resumed.
        const resumed = request.headers['if-range'];
        if (resumed !== undefined && resumed !== etag) delete request.headers.range;
        reply
          .header(HeaderName.contentMd5, bundle.md5)
          .header(HeaderName.reprDigest, formatReprDigest(bundle.sha256))
          .header('ETag', etag)
          .type('application/zip');
        return sendFile(request, reply, await open(bundle.path, 'r'), bundle.bytes);
      },
    });
  }
}
