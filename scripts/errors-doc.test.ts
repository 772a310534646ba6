import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AGENT_ERROR_CODES } from '../agent/src/errors.ts';
import { elasticErrorCodes } from '../elastic/src/errors.ts';
import { launcherErrorCodes } from '../launcher/src/errors.ts';
import { releaseErrorCodes } from '../release/src/errors.ts';
import { runtimeErrorCodes } from '../runtime/src/errors.ts';
import { serverErrorCodes } from '../server/src/errors.ts';

test('docs/errors.md explains every error code of the packages, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'errors.md'), 'utf8');
  const explained = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1]);
  const codes = [
    ...runtimeErrorCodes,
    ...launcherErrorCodes,
    ...AGENT_ERROR_CODES,
    ...serverErrorCodes,
    ...elasticErrorCodes,
    ...releaseErrorCodes,
  ];
  expect(new Set(explained)).toEqual(new Set<string>(codes));
  expect(explained).toHaveLength(new Set<string>(codes).size);
});
