import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { decodeCourierMessage } from '../journal/decode-message.ts';
import { type CancelReason, type HostMessage, JOURNAL } from '../journal/format.ts';
import { jsonLine, readJsonLines } from '../journal/json-lines.ts';
import { socketAddress } from '../journal/socket-address.ts';

export interface ControlSocketOptions {
  /** The job's folder. */
  readonly folder: string;
  progress(): HostMessage;
  /** @param force the grace is over at once */
  readonly onCancel: (reason: CancelReason, force: boolean, note?: string) => void;
}

/** Where the courier, and after it the next one, hears how far the job is and says that it is cancelled. */
export interface ControlSocket extends AsyncDisposable {
  /** Tells every connected courier. */
  tell(progress: HostMessage): void;
}

export async function openControlSocket(options: ControlSocketOptions): Promise<ControlSocket> {
  const connections = new Set<Socket>();
  const address = await socketAddress(options.folder, JOURNAL.hostSocket);
  rmSync(address.path, { force: true });
  const server = createServer((connection) => {
    connections.add(connection);
    connection.on('error', () => connection.destroy());
    connection.on('close', () => connections.delete(connection));
    connection.write(jsonLine(options.progress()));
    void listen(connection, options);
  });
  // The socket's file is made within `listen`, so that nobody sees it with another mode.
  const umask = process.umask(0o177);
  server.listen(address.path);
  process.umask(umask);
  await once(server, 'listening');
  return {
    tell(progress) {
      // A courier that does not keep up gets the next one; each message stands for all before it.
      for (const connection of connections) {
        if (!connection.writableNeedDrain) connection.write(jsonLine(progress));
      }
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const connection of connections)
        connection.end(jsonLine(options.progress()), () => connection.destroy());
      await closed;
      await address[Symbol.asyncDispose]();
    },
  };
}

/** Never rejects: a connection that makes no sense is closed, and the courier connects again. */
async function listen(connection: Socket, { onCancel }: ControlSocketOptions): Promise<void> {
  try {
    for await (const value of readJsonLines(connection)) {
      const message = decodeCourierMessage(value);
      if (message) onCancel(message.reason, message.force === true, message.note);
    }
  } catch {
    connection.destroy();
  }
}
