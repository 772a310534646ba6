// GoCD's plugin messages (GoPluginApiRequest, GoPluginApiResponse) over JSON-RPC. The JSON-RPC method is the request's name; bodies
// are texts, exactly as GoCD's server and plugins exchange them.

import { object, optional, record, withDefault } from '../../decode/compounds.ts';
import { type Decoder, decodeWith } from '../../decode/decoder.ts';
import { integer, string } from '../../decode/scalars.ts';

export const V5_EXTENSION = 'elastic-agent';
export const V5_VERSION = '5.0';

/** Every request of the server to a plugin of the dialect `v5`. */
export interface V5Request {
  readonly extension: string;
  readonly extensionVersion: string;
  readonly requestBody?: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestParameters: Readonly<Record<string, string>>;
}

/** Only 200 is success. Other numbers, and no answer at all, are failures. */
export interface V5Response {
  readonly responseCode: number;
  readonly responseBody?: string;
  readonly responseHeaders: Readonly<Record<string, string>>;
}

/** A request of a plugin to the server; its JSON-RPC method is its name (`go.processor.…`). */
export interface V5ServerRequest {
  readonly apiVersion: string;
  readonly requestBody?: string;
}

const headers: Decoder<Readonly<Record<string, string>>> = withDefault(record(string), {});

export const decodeV5Request = decodeWith(
  object<V5Request>({
    extension: string,
    extensionVersion: string,
    requestBody: optional(string),
    requestHeaders: headers,
    requestParameters: headers,
  }),
);

export const decodeV5Response = decodeWith(
  object<V5Response>({ responseCode: integer, responseBody: optional(string), responseHeaders: headers }),
);

export const decodeV5ServerRequest = decodeWith(
  object<V5ServerRequest>({ apiVersion: string, requestBody: optional(string) }),
);
