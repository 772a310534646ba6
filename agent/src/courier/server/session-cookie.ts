const NAME = 'JSESSIONID';

/** The session that the server opens for this agent. Without it each request would open one of 14 days (reference 3.3). */
export class SessionCookie {
  #value: string | undefined;

  header(): Readonly<Record<string, string>> {
    return this.#value === undefined ? {} : { cookie: `${NAME}=${this.#value}` };
  }

  remember(setCookie: string | string[] | undefined): void {
    for (const line of [setCookie ?? []].flat()) {
      const [, value] = /^\s*JSESSIONID=([^;]*)/.exec(line) ?? [];
      if (value !== undefined) this.#value = value === '' ? undefined : value;
    }
  }

  forget(): void {
    this.#value = undefined;
  }
}
