// The cluster of a world changes its profile: it moves to other hosts, or only its password is new.

import type { ElasticCluster } from '@go-agent/protocol/elastic';

export const HOSTS = ['a', 'b', 'c'] as const;

export class MovingCluster {
  #host: string = HOSTS[0];
  #password = 0;
  /** By host: the first of the passwords that are good there. Absent: all are. */
  readonly #firstGood = new Map<string, number>();

  get host(): string {
    return this.#host;
  }

  get properties(): Readonly<Record<string, string>> {
    return { host: this.#host, password: `no ${this.#password}` };
  }

  moveTo(host: string): void {
    this.#host = host;
  }

  /** @param isOldRefused from now on, at this host */
  renewPassword(isOldRefused: boolean): void {
    this.#password++;
    if (isOldRefused) this.#firstGood.set(this.#host, this.#password);
  }

  /** A password as it was. */
  refuses(as: ElasticCluster | undefined): boolean {
    const { host = '', password = '' } = as?.properties ?? {};
    return Number(password.slice(3)) < (this.#firstGood.get(host) ?? 0);
  }

  forgetRefused(): void {
    this.#firstGood.clear();
  }
}
