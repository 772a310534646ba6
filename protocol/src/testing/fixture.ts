import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../fixtures/gocd-26.2/', import.meta.url);

/** Names of the recorded messages of GoCD 26.2, without `.json`. */
export function fixtureNames(): readonly string[] {
  return readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));
}

/** A recorded message, parsed. A new one at each call. */
export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
}
