/** What reads a setting. */
export type SettingPart = 'bootstrapper' | 'launcher' | 'agent';

/** What a value looks like; `time` and `size` have units. */
export type SettingKind = 'text' | 'list' | 'url' | 'file' | 'folder' | 'user' | 'time' | 'size' | 'choice';

/** One thing that an operator may set, as data: commands, completion and documentation are made from it. */
export interface Setting {
  /** In kebab case. */
  readonly name: string;
  readonly parts: readonly SettingPart[];
  readonly kind: SettingKind;
  /** Of a `choice`. */
  readonly choices?: readonly string[];
  /** As the operator would write it. Absent: there is none. */
  readonly default?: string;
  /** Names of environment variables, the first that is not blank wins. */
  readonly variables: readonly string[];
  /** Key in `config/autoregister.properties`. */
  readonly property?: string;
  /** A flag of its own, with dashes. Absent: `--set name=value`. */
  readonly flag?: string;
  /** Never shown, and not accepted on a command line. */
  readonly secret?: true;
  /** For tests of the project, and no part of what is documented. */
  readonly internal?: true;
  /** Half a sentence. */
  readonly about: string;
}

type Given = Omit<Setting, 'variables'> & { readonly variables?: readonly string[] };

/** @param given its `variables` are GoCD's names; the setting's own name comes before them */
export function setting(given: Given): Setting {
  return { ...given, variables: [ownVariable(given.name), ...(given.variables ?? [])] };
}

/** `workspace-max-age` is `GO_AGENT_WORKSPACE_MAX_AGE`. */
export function ownVariable(name: string): string {
  return `GO_AGENT_${name.toUpperCase().replaceAll('-', '_')}`;
}
