import type { ChaosSuite } from './suite.ts';

/** All suites by name; `npm run chaos` lists them. */
export const suites: Readonly<Record<string, ChaosSuite>> = {};
