// Requests to a plugin of GoCD's elastic-agent extension 5.0 (reference: server-agents-jobs-elastic 3.2).

import { parseJson } from '@go-agent/protocol';
import {
  decodeV5Response,
  encodeV5Body,
  V5_EXTENSION,
  V5_VERSION,
  type V5Method,
  type V5RequestBody,
} from '@go-agent/protocol/elastic';
import { AppError, describeError } from '@go-agent/runtime/core';
import type { CallOptions, Plugin } from '../plugin-host/plugin.ts';

const SUCCESS = 200;
const LONGEST_QUOTE = 500;

/**
 * One request, and the text of its answer.
 * @throws AppError `plugin-error` if the answer is another than 200, `plugin-answer` if it is not understood, and those of `Plugin.call`
 */
export async function askV5(
  plugin: Plugin,
  method: V5Method,
  body: V5RequestBody | undefined,
  options: CallOptions,
): Promise<string> {
  const request = {
    extension: V5_EXTENSION,
    extensionVersion: V5_VERSION,
    requestHeaders: {},
    requestParameters: {},
    ...(body === undefined ? {} : { requestBody: encodeV5Body(body) }),
  };
  const answer = await plugin.call(method, request, options);
  const { responseCode, responseBody = '' } = understood(plugin, method, () => decodeV5Response(answer));
  if (responseCode === SUCCESS) return responseBody;
  throw failure(
    'plugin-error',
    plugin,
    method,
    `The plugin sent a response that could not be understood by Go. Plugin returned with code '${responseCode}' and the following response: '${responseBody.slice(0, LONGEST_QUOTE)}'`,
  );
}

/** One request, and what its answer says. @throws AppError as `askV5` */
export async function askV5For<T>(
  plugin: Plugin,
  method: V5Method,
  body: V5RequestBody | undefined,
  decode: (value: unknown) => T,
  options: CallOptions,
): Promise<T> {
  const text = await askV5(plugin, method, body, options);
  return understood(plugin, method, () => parseJson(text, decode));
}

function understood<T>(plugin: Plugin, method: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    // Its reason is part of the message.
    throw failure('plugin-answer', plugin, method, describeError(error));
  }
}

function failure(code: string, { id }: Plugin, method: string, why: string): AppError {
  const text = `Interaction with plugin with id '${id}' implementing '${V5_EXTENSION}' extension failed while requesting for '${method}'. Reason: [${why}]`;
  return new AppError(code, text);
}
