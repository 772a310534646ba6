/** Header names as GoCD writes them (reference 1, 3.1, 5.1, 6.2), and ours (docs/architecture.md). */
export const HeaderName = {
  /** On every `/remoting` request: the agent's uuid. */
  agentGuid: 'X-Agent-GUID',
  /** On every `/remoting` request: the token, bare, no scheme word (reference 3.1). */
  authorization: 'Authorization',
  /** `true` on artifact uploads (reference 6.2). */
  confirm: 'X-GoCD-Confirm',
  /** Bytes before compression, decimal (reference 5.1, 6.2). */
  artifactSize: 'X-Go-Artifact-Size',
  /** MD5 in lower-case hex, not base64 (reference 1.1). */
  contentMd5: 'Content-MD5',
  extraProperties: 'GoCD-Agent-Extra-Properties',
  /** MD5s in the answer of `latest-agent.status` (reference 1.1). */
  agentMd5: 'Agent-Content-MD5',
  launcherMd5: 'Agent-Launcher-Content-MD5',
  pluginsMd5: 'Agent-Plugins-Content-MD5',
  tfsMd5: 'TFS-SDK-Content-MD5',
  /** RFC 9530: `sha-256=:<base64>:`. */
  reprDigest: 'Repr-Digest',
  /** JSON, at most 4 kB: what runs, what has failed (docs/rollout.md). With each request for bundles. */
  agentVersions: 'X-Agent-Versions',
  /** RFC 7240: how long an answer may be held. */
  prefer: 'Prefer',
  preferenceApplied: 'Preference-Applied',
  /** Bytes of the console log before this body; in answers, after it. */
  uploadOffset: 'Upload-Offset',
  /** Bytes of the whole file that is being sent. */
  uploadLength: 'Upload-Length',
  /** `?1`: with this body the file is whole; `?0`: more is to come. */
  uploadComplete: 'Upload-Complete',
  /** Permission bits of a file, octal. */
  fileMode: 'Go-File-Mode',
  /** `1` on every `/remoting` answer of our server. */
  goAgentServer: 'Go-Agent-Server',
} as const;

export const MediaType = {
  /** `Accept` of the seven calls (reference 4.1). */
  accept: 'application/vnd.go.cd+json',
  /** `Content-Type` of their bodies. */
  request: 'application/json; charset=UTF-8',
  /** `Content-Type` of their answers, even of the bare cookie. */
  answer: 'application/vnd.go.cd.v1+json;charset=utf-8',
  /** `Content-Type` of the registration form (reference 2.4). */
  form: 'application/x-www-form-urlencoded; charset=UTF-8',
} as const;
