export type AcceptedVersion =
  /** `mediaType` is what the answer says it is. */
  | { readonly type: 'ok'; readonly mediaType: string }
  | { readonly type: 'not-api' }
  | { readonly type: 'no-such-version' };

/**
 * Reads the `Accept` header of an API request (server-config-api 3.1): exactly one media type, with the version or, for the
 * newest one, without.
 * @param versions that the resource answers to
 */
export function acceptVersion(accept: string | undefined, versions: readonly number[]): AcceptedVersion {
  const [, version] = /^application\/vnd\.go\.cd(?:\.v([1-9]\d?))?\+json$/.exec(accept?.trim() ?? '') ?? [
    '',
    null,
  ];
  if (version === null) return { type: 'not-api' };
  if (version === undefined) return { type: 'ok', mediaType: 'application/vnd.go.cd+json' };
  if (!versions.includes(Number(version))) return { type: 'no-such-version' };
  return { type: 'ok', mediaType: `application/vnd.go.cd.v${version}+json` };
}
