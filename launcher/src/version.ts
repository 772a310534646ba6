declare const __GO_AGENT_VERSION__: string | undefined;

/** Put in by scripts/build-bundle.ts; run from the sources there is none. */
export const version = typeof __GO_AGENT_VERSION__ === 'string' ? __GO_AGENT_VERSION__ : '0.0.0-source';
