// Messages of GoCD's elastic-agent extension 5.0 with the bodies of the reference (server-agents-jobs-elastic 3.3 to 3.9, A.1).
// On the wire a body is the shortest JSON with the keys in the same order.

import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../fixtures/elastic-v5/', import.meta.url);

export interface V5Fixture {
  /** Of the file, without `.json`. */
  readonly file: string;
  /** Who is asked. */
  readonly to: 'plugin' | 'server';
  /** Of the request, `cd.go.elastic-agent.…` or `go.processor.…`. */
  readonly name: string;
  /** Of a request to the server. */
  readonly apiVersion?: string;
  /** Texts, byte for byte; absent: there is none, or it is ignored. */
  readonly request?: string;
  readonly response?: string;
}

/** All of them, by file name. */
export function v5Fixtures(): readonly V5Fixture[] {
  return readdirSync(FOLDER)
    .toSorted()
    .map((file) => {
      const { to, name, apiVersion, requestBody, responseBody } = JSON.parse(
        readFileSync(new URL(file, FOLDER), 'utf8'),
      );
      return {
        file: file.replace(/\.json$/, ''),
        to,
        name,
        ...(apiVersion === undefined ? {} : { apiVersion }),
        ...(requestBody === undefined ? {} : { request: JSON.stringify(requestBody) }),
        ...(responseBody === undefined ? {} : { response: JSON.stringify(responseBody) }),
      };
    });
}

/** @throws Error if there is none of this name */
export function v5Fixture(file: string): V5Fixture {
  const found = v5Fixtures().find((one) => one.file === file);
  if (found === undefined) throw new Error(`There is no file elastic-v5/${file}.json`);
  return found;
}
