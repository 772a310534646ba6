import { connect, type Socket } from 'node:net';
import { type Clock, isAlive, type ProcessIdentity } from '@go-agent/runtime/core';
import { decodeHostMessage } from '../../journal/decode-message.ts';
import { type CancelReason, type CourierMessage, JOURNAL } from '../../journal/format.ts';
import type { JournalReader } from '../../journal/journal-reader.ts';
import { jsonLine, readJsonLines } from '../../journal/json-lines.ts';
import { socketAddress } from '../../journal/socket-address.ts';

export interface HostLinkOptions {
  readonly folder: string;
  readonly reader: JournalReader;
  readonly clock: Clock;
  /** The machine's boot id now. */
  readonly bootId: string;
  /** There may be something new in the journal. */
  readonly onProgress: () => void;
}

// A spare host needs some milliseconds until it listens; one that is slower is asked less and less often.
const FIRST_POLL_MS = 5;
const POLL_GROWTH = 1.25;
const LAST_POLL_MS = 250;

/**
 * A host that has been given its job begins within a second, also when none was ready; on a machine that is a hundred times too busy,
 * within some 20 s. What takes longer than this hangs.
 */
export const BEGIN_LIMIT_MS = 60_000;

/** The connection to the host of one job, made again as long as the host lives. */
export class HostLink {
  readonly #options: HostLinkOptions;
  #spawned: ProcessIdentity | undefined;
  #socket: Socket | undefined;
  #cancel: CourierMessage | undefined;

  constructor(options: HostLinkOptions) {
    this.#options = options;
  }

  /** A process that was given the job, but has not said so in the journal yet. */
  expect(host: ProcessIdentity | undefined): void {
    this.#spawned = host;
  }

  /** Also reaches a host that is not connected yet. `force`: without a grace. */
  cancel(reason: CancelReason, force = false, note?: string): void {
    this.#cancel = {
      type: 'cancel',
      reason,
      ...(force ? { force } : {}),
      ...(note === undefined ? {} : { note }),
    };
    this.#socket?.write(jsonLine(this.#cancel));
  }

  /**
   * Resolves once there is no host, or at abort; and for a host that is there and does not begin, after BEGIN_LIMIT_MS.
   * @returns the host that does not begin
   */
  async untilGone(signal: AbortSignal): Promise<ProcessIdentity | undefined> {
    const { clock, folder, onProgress } = this.#options;
    await using address = await socketAddress(folder, JOURNAL.hostSocket);
    let pause = FIRST_POLL_MS;
    // The pauses are counted, and no clock is read: while the machine is suspended, its host cannot begin either.
    let waitedMs = 0;
    do {
      if (await this.#attach(address.path, signal)) pause = FIRST_POLL_MS;
      onProgress();
      if (!(await this.#isAlive())) return undefined;
      if (waitedMs >= BEGIN_LIMIT_MS && this.#options.reader.events.length === 0) return this.#spawned;
      pause = Math.min(pause * POLL_GROWTH, LAST_POLL_MS);
      waitedMs += pause;
    } while (await clock.sleep(pause, signal));
    return undefined;
  }

  /** True if the host was reached; the connection is over when this resolves. */
  async #attach(path: string, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    const socket = connect(path);
    const end = () => socket.destroy();
    signal.addEventListener('abort', end, { once: true });
    let reached = false;
    socket.once('connect', () => {
      reached = true;
      this.#socket = socket;
      if (this.#cancel !== undefined) socket.write(jsonLine(this.#cancel));
    });
    try {
      for await (const message of readJsonLines(socket)) {
        if (decodeHostMessage(message) !== undefined) this.#options.onProgress();
      }
    } catch {
      // Refused, cut off or unreadable: whether the host lives is asked of the system, not of the socket.
    } finally {
      this.#socket = undefined;
      signal.removeEventListener('abort', end);
      socket.destroy();
    }
    return reached;
  }

  async #isAlive(): Promise<boolean> {
    const { reader, bootId } = this.#options;
    const [first] = await reader.readEvents();
    if (first?.type === 'started') return first.bootId === bootId && isAlive(first.host);
    return this.#spawned !== undefined && isAlive(this.#spawned);
  }
}
