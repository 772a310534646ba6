import { cancelSuite } from './cancel/cancel-suite.ts';
import { consoleSuite } from './console/console-suite.ts';
import { elasticSuite } from './elastic/elastic-suite.ts';
import { elasticLoadSuite } from './elastic-load/elastic-load-suite.ts';
import { reattachSuite } from './reattach/reattach-suite.ts';
import { secretsSuite } from './secrets/secrets-suite.ts';
import type { ChaosSuite } from './suite.ts';
import { upgradeMutationsSuite } from './upgrade-mutations/upgrade-mutations-suite.ts';
import { upgradeReleasesSuite } from './upgrade-releases/upgrade-releases-suite.ts';

/** All suites by name; `npm run chaos` lists them. */
export const suites: Readonly<Record<string, ChaosSuite>> = {
  cancel: cancelSuite,
  console: consoleSuite,
  elastic: elasticSuite,
  'elastic-load': elasticLoadSuite,
  reattach: reattachSuite,
  secrets: secretsSuite,
  'upgrade-mutations': upgradeMutationsSuite,
  'upgrade-releases': upgradeReleasesSuite,
};
