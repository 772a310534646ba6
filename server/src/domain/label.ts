// Pipeline labels from their template (reference: server-config-api 2.5).

import { nameKey } from './names.ts';

const TOKEN = /\$\{([^}]*)\}/g;
const CROPPED = /^(.+)\[:(\d+)\]$/;
const MAX_LENGTH = 255;

export interface LabelValues {
  readonly counter: number;
  /** Revision by material name; of a dependency, the upstream label. */
  readonly materials: Readonly<Record<string, string>>;
  /** Plain variables of the pipeline. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Tokens that mean nothing here stay as text; a variable that is not there is empty. Cut at 255 characters. */
export function makeLabel(template: string, values: LabelValues): string {
  const materials = new Map(Object.entries(values.materials).map(([name, value]) => [nameKey(name), value]));
  const variables = new Map(Object.entries(values.variables));
  const label = template.replace(TOKEN, (token, inner: string) => {
    if (inner.toUpperCase() === 'COUNT') return String(values.counter);
    if (inner.startsWith('env:')) return variables.get(inner.slice('env:'.length)) ?? '';
    const cropped = CROPPED.exec(inner);
    const value = materials.get(nameKey(cropped?.[1] ?? inner));
    if (value === undefined) return token;
    return cropped === null ? value : value.slice(0, Number(cropped[2]));
  });
  return label.slice(0, MAX_LENGTH);
}

/** Names of the materials that a template refers to. */
export function materialsOfLabel(template: string): string[] {
  return [...template.matchAll(TOKEN)]
    .map(([, inner = '']) => CROPPED.exec(inner)?.[1] ?? inner)
    .filter((name) => name.toUpperCase() !== 'COUNT' && !name.startsWith('env:'));
}

/** Undefined if the template is good. */
export function labelTemplateProblem(template: string): string | undefined {
  if (template.trim() === '') return `Label cannot be blank. ${LABEL_RULE}`;
  if (template.search(TOKEN) === -1) return `Invalid label '${template}'. ${LABEL_RULE}`;
  if (/\[:0+\]/.test(template)) return 'Length of zero not allowed on a label.';
  return undefined;
}

const LABEL_RULE =
  'Label should be composed of alphanumeric text, it can contain the build number as ${COUNT}, can contain a material ' +
  'revision as ${<material-name>} of ${<material-name>[:<number>]}, or use params as #{<param-name>}.';
