import type { BuildWork } from '@go-agent/protocol';
import type { Logger } from '@go-agent/runtime';
import type { Clock } from '@go-agent/runtime/core';
import { readDelivered, writeDelivered, writeDeliveredSoon } from '../../journal/delivered-file.ts';
import type { Delivered, JournalEvent } from '../../journal/format.ts';
import type { JournalReader } from '../../journal/journal-reader.ts';
import type { Bell } from '../bell.ts';
import type { AgentServer } from '../server/agent-server.ts';
import { classifyError } from '../server/server-error.ts';
import { ChunkSize, MAX_CHUNK_BYTES } from './chunk-size.ts';
import type { EventReporter } from './event-reporter.ts';
import { type PersistentCaller, SupersededError } from './persistent-caller.ts';

export interface DeliveryOptions {
  readonly folder: string;
  readonly work: BuildWork;
  readonly reader: JournalReader;
  readonly server: AgentServer;
  readonly caller: PersistentCaller;
  readonly reporter: EventReporter;
  readonly clock: Clock;
  readonly log: Logger;
  /** Rings when there may be something new in the journal. */
  readonly bell: Bell;
  /** Shortest time from one console upload to the next: to a server of ours, and to a stock one. */
  readonly consoleIntervalMs: number;
  readonly stockConsoleIntervalMs: number;
}

/** Between two chunks both ends wait for each other. */
const SMALL_CHUNK_BYTES = 64 * 1024;
/** Should a ring get lost, the journal is looked at anyway. */
const LOOK_AGAIN_MS = 500;

/**
 * Brings a journal to the server: the console, and each event once the console before it is there. One request at a time, so the
 * order is the journal's; what was accepted is noted before the next one, so a new courier goes on where this one stopped.
 * @returns superseded if the job is another agent's now
 * @throws the signal's reason when that is aborted
 */
export async function deliverJob(
  options: DeliveryOptions,
  signal: AbortSignal,
): Promise<'delivered' | 'superseded'> {
  try {
    await new Delivery(options, signal, await readDelivered(options.folder)).run();
    return 'delivered';
  } catch (error) {
    if (error instanceof SupersededError) return 'superseded';
    throw error;
  }
}

class Delivery {
  readonly #options: DeliveryOptions;
  readonly #signal: AbortSignal;
  readonly #chunk = new ChunkSize();
  #delivered: Delivered;
  #nextConsoleAt = 0;
  /** Outages by the time at which the server said that it has the console. Undefined: it has not said so to this process. */
  #confirmedAt: number | undefined;
  #isStock = false;
  #isNoteFailing = false;
  /** Only one request is under way at a time, so one buffer does for all. */
  #buffer: Buffer | undefined;

  constructor(options: DeliveryOptions, signal: AbortSignal, delivered: Delivered) {
    this.#options = options;
    this.#signal = signal;
    this.#delivered = delivered;
  }

  async run(): Promise<void> {
    const { reader, reporter, caller, bell, clock } = this.#options;
    for (;;) {
      this.#signal.throwIfAborted();
      const events = await reader.readEvents();
      const event = events[this.#delivered.events];
      const length = await reader.consoleLength();
      const target = event === undefined ? length : Math.min(event.console, length);
      const isOver = events.at(-1)?.type === 'completed';
      if (this.#delivered.console < target) {
        // Nothing is late as long as no event waits for the console.
        const pause = event === undefined && !isOver ? this.#nextConsoleAt - clock.monotonic() : 0;
        if (pause > 0) await bell.wait(pause, clock, this.#signal);
        else await this.#sendConsole(target);
      } else if (event !== undefined) {
        await this.#report(event);
      } else if (isOver) {
        return;
      } else if (caller.takeInterruption()) {
        await reporter.checkIgnored(this.#signal);
      } else {
        await bell.wait(LOOK_AGAIN_MS, clock, this.#signal);
      }
    }
  }

  async #report(event: JournalEvent): Promise<void> {
    try {
      await this.#options.reporter.report(event, this.#signal, (failures) => this.#confirmConsole(failures));
    } catch (error) {
      if (!(error instanceof ConsoleBehindError)) throw error;
      this.#options.log.warn(
        { server: error.offset },
        'The server has lost a part of the console; it is sent again',
      );
      return this.#note({ console: error.offset });
    }
    await this.#note({ events: this.#delivered.events + 1 });
    this.#options.log.info({ event: event.type, delivered: this.#delivered }, 'The server knows');
  }

  /**
   * What the server had it may have lost with its machine: it forces the console to the disk with the job's end only. So one that
   * was away since is asked once more before that.
   */
  async #confirmConsole(failures: number): Promise<void> {
    const { server, work, caller } = this.#options;
    const { console } = this.#delivered;
    const isSure = failures === 0 && this.#confirmedAt === caller.outages;
    if (isSure || this.#isStock || console === 0) return;
    const job = work.assignment.jobIdentifier;
    const nothing = new Uint8Array();
    const answer = await server.putConsole(job, console, nothing, work.consoleLogCharset, this.#signal);
    if (answer.kind === 'gap') throw new ConsoleBehindError(answer.offset);
  }

  async #sendConsole(target: number): Promise<void> {
    const { reader, server, caller, work, clock, consoleIntervalMs, stockConsoleIntervalMs, log } =
      this.#options;
    const from = this.#delivered.console;
    const to = Math.min(target, from + this.#chunk.bytes);
    // A long console in fresh buffers would fill the memory faster than it is collected.
    if (to - from > SMALL_CHUNK_BYTES) this.#buffer ??= Buffer.allocUnsafe(MAX_CHUNK_BYTES);
    let body = await reader.readConsole(from, to, this.#buffer);
    const job = work.assignment.jobIdentifier;
    const { outages } = caller;
    const put = async () => {
      try {
        return await server.putConsole(job, from, body, work.consoleLogCharset, this.#signal);
      } catch (error) {
        if (classifyError(error) === 'server-too-large') {
          this.#chunk.refused(body.byteLength);
          body = body.subarray(0, this.#chunk.bytes);
        }
        throw error;
      }
    };
    const end = await caller.call('Console', put, this.#signal);
    if (end.kind === 'done' && end.value.kind === 'gap') {
      log.warn({ sent: from, server: end.value.offset }, 'The console goes on where the server is');
      await this.#note({ console: end.value.offset });
      // A server that contradicts itself is not asked without end.
      if (end.value.offset === from) await clock.sleep(LOOK_AGAIN_MS, this.#signal);
      return;
    }
    const offset = end.kind === 'done' ? end.value.offset : undefined;
    if (end.kind === 'done') {
      this.#isStock = offset === undefined;
      this.#confirmedAt = outages;
      this.#chunk.accepted();
    }
    const isBehind = from + body.byteLength < target;
    const interval = offset === undefined ? stockConsoleIntervalMs : consoleIntervalMs;
    this.#nextConsoleAt = isBehind ? 0 : clock.monotonic() + interval;
    // A server that counts bytes skips what it gets twice; for any other a chunk that is forgotten is a chunk that is doubled.
    if (offset === undefined) await this.#note({ console: from + body.byteLength });
    else await this.#note({ console: offset }, writeDeliveredSoon);
  }

  async #note(progress: Partial<Delivered>, write = writeDelivered): Promise<void> {
    this.#delivered = { ...this.#delivered, ...progress };
    try {
      await write(this.#options.folder, this.#delivered);
      this.#isNoteFailing = false;
    } catch (error) {
      // A disk that is full now must not keep the job from its end; what matters is known here, and noted with the next step.
      if (!this.#isNoteFailing)
        this.#options.log.error({ err: error }, 'What the server knows could not be noted');
      this.#isNoteFailing = true;
    }
  }
}

class ConsoleBehindError extends Error {
  /** What the server has, in bytes. */
  readonly offset: number;

  constructor(offset: number) {
    super('The server has less of the console than it had');
    this.offset = offset;
  }
}
