import packageJson from '../package.json' with { type: 'json' };

export const VERSION: string = packageJson.version;

/** Whose API and agent protocol are spoken. */
export const GOCD_VERSION = '26.2.0';
