import type { AgentLaunchRequest, FromLauncherToAgent } from '@go-agent/protocol/launch-contract';

/** What a launcher says to an agent that runs. */
export type Word = Exclude<FromLauncherToAgent, AgentLaunchRequest | { readonly type: 'stop' }>;

/** Keeps what the launcher says until somebody listens, who then hears all of it in order. */
export class ControlInbox {
  readonly #waiting: Word[] = [];
  #listener: ((message: Word) => void) | undefined;

  put(message: Word): void {
    if (this.#listener === undefined) this.#waiting.push(message);
    else this.#listener(message);
  }

  listen(listener: (message: Word) => void): void {
    this.#listener = listener;
    for (const message of this.#waiting.splice(0)) listener(message);
  }
}
