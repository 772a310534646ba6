import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HeaderName } from '@go-agent/protocol';
import { hashFile } from '@go-agent/runtime';
import type { FastifyInstance } from 'fastify';
import { Halt } from '../http/halt.ts';
import { READ } from '../http/http-app.ts';
import { isMissing } from '../http/missing-file.ts';
import { openToSend } from '../http/open-to-send.ts';
import { sendFile } from '../http/send-file.ts';

/** A zip without entries: a stock agent must be able to save and open its plugins (agent-protocol 1.6). */
const EMPTY_ZIP = Buffer.concat([Buffer.from('504b0506', 'hex'), Buffer.alloc(18)]);
const EMPTY_ZIP_MD5 = createHash('md5').update(EMPTY_ZIP).digest('hex');

const BINARIES = [
  { path: 'agent', file: 'agent.jar', header: HeaderName.agentMd5 },
  { path: 'agent-launcher.jar', file: 'agent-launcher.jar', header: HeaderName.launcherMd5 },
  { path: 'agent-plugins.zip', file: 'agent-plugins.zip', header: HeaderName.pluginsMd5 },
  { path: 'tfs-impl.jar', file: 'tfs-impl.jar', header: HeaderName.tfsMd5 },
] as const;

/**
 * What stock Java agents download (agent-protocol 1.1), if the operator has put GoCD's files into `folder`. Without them a
 * stock agent that was started by its bootstrapper waits; one that was started as `java -jar agent.jar` needs none.
 */
export function stockBinaries(app: FastifyInstance, folder: string): void {
  const digests = new Map<string, { readonly seen: string; readonly md5: string }>();

  async function digest(file: string): Promise<string | undefined> {
    const path = join(folder, file);
    try {
      const { ino, size, mtimeMs } = await stat(path);
      const seen = `${ino} ${size} ${mtimeMs}`;
      const known = digests.get(file);
      if (known?.seen === seen) return known.md5;
      const md5 = await hashFile(path, 'md5');
      digests.set(file, { seen, md5 });
      return md5;
    } catch (error) {
      if (!isMissing(error)) throw error;
      return file === 'agent-plugins.zip' ? EMPTY_ZIP_MD5 : undefined;
    }
  }

  for (const { path, file } of BINARIES) {
    app.route({
      method: READ,
      url: `/go/admin/${path}`,
      handler: async (request, reply) => {
        const md5 = await digest(file);
        if (md5 === undefined) {
          throw Halt.text(
            404,
            `This server has no ${file}. To serve stock agents, put GoCD's ${file} into the folder binaries of its data folder.`,
          );
        }
        reply
          .header(HeaderName.contentMd5, md5)
          .header(HeaderName.extraProperties, '')
          .type('application/octet-stream');
        try {
          const opened = await openToSend(join(folder, file));
          return await sendFile(request, reply, opened.file, opened.stats.size);
        } catch (error) {
          if (isMissing(error)) return reply.send(EMPTY_ZIP);
          throw error;
        }
      },
    });
  }

  app.route({
    method: READ,
    url: '/go/admin/latest-agent.status',
    handler: async (_request, reply) => {
      for (const { file, header } of BINARIES) {
        const md5 = await digest(file);
        if (md5 !== undefined) reply.header(header, md5);
      }
      return reply.header(HeaderName.extraProperties, '').type('text/plain; charset=utf-8').send('');
    },
  });
}
