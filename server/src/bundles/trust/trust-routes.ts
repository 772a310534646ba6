import { CONTEXT_PATH } from '@go-agent/protocol';
import { isTrustFile, trustPath } from '@go-agent/protocol/trust';
import type { FastifyInstance } from 'fastify';
import { Halt } from '../../http/halt.ts';
import { READ } from '../../http/http-app.ts';

/** Documents but the timestamp never change under their name. */
const FOREVER = 'public, max-age=31536000, immutable';

/** `/go/admin/agent-trust/<file>`: by what agents decide whether a bundle may run. Nothing secret, so no token. */
export function trustRoutes(
  app: FastifyInstance,
  mirror: { file(name: string): Buffer | undefined } | undefined,
): void {
  app.route<{ readonly Params: { readonly file: string } }>({
    method: READ,
    url: CONTEXT_PATH + trustPath(':file'),
    handler: (request, reply) => {
      const { file } = request.params;
      const bytes = isTrustFile(file) ? mirror?.file(file) : undefined;
      if (bytes === undefined) throw Halt.text(404, `This server has no metadata file ${file}.`);
      reply
        .type('application/json')
        .header('Content-Length', bytes.length)
        .header('Cache-Control', file === 'timestamp.json' ? 'no-cache' : FOREVER);
      return reply.send(request.method === 'HEAD' ? '' : bytes);
    },
  });
}
