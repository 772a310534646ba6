import { cancelSuite } from './cancel/cancel-suite.ts';
import { consoleSuite } from './console/console-suite.ts';
import { reattachSuite } from './reattach/reattach-suite.ts';
import { secretsSuite } from './secrets/secrets-suite.ts';
import type { ChaosSuite } from './suite.ts';

/** All suites by name; `npm run chaos` lists them. */
export const suites: Readonly<Record<string, ChaosSuite>> = {
  cancel: cancelSuite,
  console: consoleSuite,
  reattach: reattachSuite,
  secrets: secretsSuite,
};
