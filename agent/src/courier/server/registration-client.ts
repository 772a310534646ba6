import {
  agentTokenPath,
  encodeRegistrationFields,
  HeaderName,
  LATEST_BUNDLES_PATH,
  MediaType,
  parseMd5,
  REGISTRATION_PATH,
  type RegistrationFields,
} from '@go-agent/protocol';
import type { HttpClient } from './http-client.ts';
import { answerError, classifyAnswer } from './server-error.ts';

export type TokenAnswer =
  | { readonly kind: 'issued'; readonly token: string }
  /** The server has given this uuid a token before, and gives it once only. */
  | { readonly kind: 'issued-before'; readonly message: string };

export type RegistrationAnswer =
  | { readonly kind: 'registered' }
  | { readonly kind: 'pending' }
  /** The token is not the one that belongs to the uuid here. */
  | { readonly kind: 'bad-token' }
  | { readonly kind: 'rejected'; readonly status: number; readonly message: string };

export interface Offer {
  readonly agent?: string;
  readonly launcher?: string;
  readonly plugins?: string;
}

const ANSWERS: Readonly<Record<number, RegistrationAnswer>> = {
  200: { kind: 'registered' },
  202: { kind: 'pending' },
  403: { kind: 'bad-token' },
};

/** The calls that need no token (reference 1.5 and 2). They throw as those of AgentServer. */
export class RegistrationClient {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  async token(uuid: string, signal: AbortSignal): Promise<TokenAnswer> {
    const answer = await this.#http.sendForText({ method: 'GET', path: agentTokenPath(uuid), signal });
    if (answer.status === 409) return { kind: 'issued-before', message: answer.text.trim() };
    const code =
      classifyAnswer(answer.status, answer.text) ?? (answer.text.trim() === '' ? 'server-answer' : undefined);
    if (code !== undefined) throw answerError(code, 'the request for a token', answer.status, answer.text);
    return { kind: 'issued', token: answer.text };
  }

  async register(fields: RegistrationFields, signal: AbortSignal): Promise<RegistrationAnswer> {
    const answer = await this.#http.sendForText({
      method: 'POST',
      path: REGISTRATION_PATH,
      headers: { 'content-type': MediaType.form },
      body: encodeRegistrationFields(fields),
      signal,
    });
    // The reply to an elastic agent repeats its key.
    const message = fields.agentAutoRegisterKey
      ? answer.text.replaceAll(fields.agentAutoRegisterKey, '***')
      : answer.text;
    return (
      ANSWERS[answer.status] ?? {
        kind: 'rejected',
        status: answer.status,
        message: message.trim().slice(0, 500),
      }
    );
  }

  /**
   * What the server offers to run; undefined if it offers nothing to agents like this one.
   * @param headers what the server decides by
   */
  async offer(
    signal: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Offer | undefined> {
    const answer = await this.#http.sendForText({
      method: 'GET',
      path: LATEST_BUNDLES_PATH,
      headers,
      signal,
    });
    if (answer.status !== 200) return undefined;
    const md5 = (key: keyof Offer, header: string) => {
      const value = parseMd5(answer.header(header));
      return value === undefined ? {} : { [key]: value };
    };
    return {
      ...md5('agent', HeaderName.agentMd5),
      ...md5('launcher', HeaderName.launcherMd5),
      ...md5('plugins', HeaderName.pluginsMd5),
    };
  }
}
