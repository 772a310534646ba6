import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { hasConfirmation } from '../http/confirmation.ts';
import { Halt } from '../http/halt.ts';
import { READ } from '../http/http-app.ts';
import { checkDiskSpace, type FileDesk, type FileRoute } from './file-desk.ts';
import { getFile, queryFolder } from './get-file.ts';
import { isBatch, postBatch } from './post-batch.ts';
import { postFile } from './post-file.ts';
import { putFile } from './put-file.ts';
import { headPart, putPart } from './put-part.ts';

/** As GET with a body that says what is wanted. */
const QUERY = 'QUERY';

export interface FileAccess {
  /** @throws Halt if the request may not be made. Asked before the body is read. */
  check(request: FastifyRequest): void | Promise<void>;
  /** Uuid of the agent that asks; undefined for a user. */
  agentOf(request: FastifyRequest): string | undefined;
}

/** The file endpoints below `base`: once for agents (`/go/remoting/files/`), once for users (`/go/files/`). */
export async function fileRoutes(
  app: FastifyInstance,
  { desk, access, base }: { readonly desk: FileDesk; readonly access: FileAccess; readonly base: string },
): Promise<void> {
  // Bodies are streams here: a console or an artifact is never in memory as a whole.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  await app.register(multipart, {
    limits: { fileSize: Number.POSITIVE_INFINITY, files: 100, parts: 200, fieldSize: 65_536 },
  });
  app.addHook('onRequest', async (request) => {
    await access.check(request);
    await checkDiskSpace(desk, request);
  });
  if (!app.supportedMethods.includes(QUERY)) app.addHttpMethod(QUERY, { hasBody: true });
  const url = `${base}*`;
  app.route<FileRoute>({
    method: READ,
    url,
    handler: (request, reply) =>
      request.method === 'HEAD' && request.query.upload !== undefined
        ? headPart(desk, request, reply, access.agentOf(request))
        : getFile(desk, request, reply),
  });
  app.route<FileRoute>({
    method: QUERY,
    url,
    handler: (request, reply) => queryFolder(desk, request, reply),
  });
  app.post<FileRoute>(url, (request, reply) =>
    (isBatch(request) ? postBatch : postFile)(desk, request, reply, access.agentOf(request)),
  );
  app.put<FileRoute>(url, (request, reply) => {
    const agentUuid = access.agentOf(request);
    // Only agents may write without it: they send neither cookies nor what a browser would (agent-protocol 5.1).
    if (agentUuid === undefined && !hasConfirmation(request.headers)) {
      throw Halt.text(400, "Missing required header 'X-GoCD-Confirm'");
    }
    const put = request.query.upload === undefined ? putFile : putPart;
    return put(desk, request, reply, agentUuid);
  });
}
