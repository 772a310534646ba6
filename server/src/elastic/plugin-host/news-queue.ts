// What a plugin is told, piece by piece and in order. What it must not miss waits while the plugin is away.

import type { Logger } from '@go-agent/runtime';
import { AppError, describeError } from '@go-agent/runtime/core';
import type { Plugin } from './plugin.ts';

const MOST_WAITING = 1000;
/** A piece of news that ends the plugin each time must not do so for ever. */
const MOST_TRIES = 2;

export interface News {
  readonly method: string;
  /** It waits until the plugin is there again; other news is old by then. */
  readonly isKept: boolean;
  /** @throws as `Plugin.call` */
  send(): Promise<unknown>;
}

interface Waiting {
  readonly news: News;
  tries: number;
}

type Outcome = 'done' | 'not-sent' | 'cut-short';

export class NewsQueue {
  readonly #plugin: Plugin;
  readonly #logger: Logger;
  #waiting: Waiting[] = [];
  #isSending = false;
  #dropped = 0;

  constructor(plugin: Plugin, logger: Logger) {
    this.#plugin = plugin;
    this.#logger = logger;
    plugin.whenReady(() => void this.#sendAll());
  }

  /** Never waits. */
  tell(news: News): void {
    if (!news.isKept && this.#plugin.unavailable !== undefined) return;
    if (this.#waiting.length >= MOST_WAITING) return this.#drop(news);
    this.#waiting.push({ news, tries: 0 });
    void this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#plugin.unavailable !== undefined) break;
      const outcome = await this.#send(next.news);
      // When the plugin is up again, it goes on from here.
      if (outcome === 'not-sent') break;
      if (outcome === 'cut-short' && ++next.tries < MOST_TRIES) continue;
      this.#waiting.shift();
    }
    this.#isSending = false;
    if (this.#plugin.unavailable !== undefined)
      this.#waiting = this.#waiting.filter(({ news }) => news.isKept);
    if (this.#waiting.length === 0) this.#summarize();
  }

  async #send({ method, send }: News): Promise<Outcome> {
    try {
      await send();
      return 'done';
    } catch (error) {
      const code = error instanceof AppError ? error.code : undefined;
      if (code === 'plugin-unavailable') return 'not-sent';
      this.#logger.warn(
        { plugin: this.#plugin.id, method, reason: describeError(error) },
        'An elastic plugin did not take a piece of news',
      );
      return code === 'plugin-ended' ? 'cut-short' : 'done';
    }
  }

  #drop({ method }: News): void {
    if (this.#dropped++ > 0) return;
    const waiting = this.#waiting.length;
    this.#logger.warn(
      { plugin: this.#plugin.id, method, waiting },
      'Too much news waits for an elastic plugin: from now on it is dropped',
    );
  }

  #summarize(): void {
    if (this.#dropped === 0) return;
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.#logger.warn(
      { plugin: this.#plugin.id, dropped },
      'An elastic plugin is told of everything again; so many pieces of news were dropped',
    );
  }
}
