/** Ends a request with an answer that is no success. The one error handler (`error-answer.ts`) words it. */
export class Halt extends Error {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;

  private constructor(status: number, contentType: string, body: string) {
    super(body);
    this.name = 'Halt';
    this.status = status;
    this.contentType = contentType;
    this.body = body;
  }

  /** The REST API's shape of a 4xx: `{"message": …}` (server-config-api 3.1). */
  static message(status: number, message: string): Halt {
    return Halt.json(status, { message });
  }

  /** The agent API's shape of a failure: `{"error": …}` (agent-protocol 4.1). */
  static error(status: number, error: string): Halt {
    return Halt.json(status, { error });
  }

  static json(status: number, value: unknown): Halt {
    return new Halt(status, 'application/json; charset=utf-8', JSON.stringify(value, null, 2));
  }

  static text(status: number, text: string): Halt {
    return new Halt(status, 'text/plain; charset=utf-8', text);
  }

  static empty(status: number): Halt {
    return new Halt(status, 'text/plain; charset=utf-8', '');
  }
}

/** The text for whatever does not exist or may not be seen. */
export const NOT_FOUND =
  'Either the resource you requested was not found, or you are not authorized to perform this action.';
