// What GoCD allows in names (reference: server-config-api 1.7, 1.9). Names are compared without regard to case everywhere.

const NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/;
const JOB_NAME = /^[A-Za-z0-9_.-]+$/;
const RESOURCE = /^[-\w\s|.]+$/;
const RESERVED_JOB_NAME = /-(runOnAll|runInstance)-\d+$/i;
const MAX_LENGTH = 255;

/** Pipelines, stages, groups, environments, materials. Undefined if the name is good, else why it is not. */
export function nameProblem(kind: string, name: string): string | undefined {
  if (NAME.test(name) && name.length <= MAX_LENGTH) return undefined;
  return (
    `Invalid ${kind} name '${name}'. This must be alphanumeric and can contain underscores, hyphens and periods ` +
    '(however, it cannot start with a period). The maximum allowed length is 255 characters.'
  );
}

export function jobNameProblem(name: string): string | undefined {
  const reserved = RESERVED_JOB_NAME.exec(name);
  if (reserved !== null) {
    return `A job cannot have '${reserved[1]}' in it's name: ${name} because it is a reserved keyword`;
  }
  if (JOB_NAME.test(name) && name.length <= MAX_LENGTH && name !== '.' && name !== '..') return undefined;
  return (
    `Invalid job name '${name}'. This must be alphanumeric and may contain underscores and periods. ` +
    'The maximum allowed length is 255 characters.'
  );
}

export function resourceProblem(resource: string): string | undefined {
  if (RESOURCE.test(resource) && resource.length <= MAX_LENGTH) return undefined;
  return `Resource name '${resource}' is not valid. Valid names much match '^[-\\w\\s|.]*$'`;
}

/** The form of a name that equal names share; for keys of maps and columns. */
export function nameKey(name: string): string {
  return name.toLowerCase();
}

export function sameName(a: string, b: string): boolean {
  return nameKey(a) === nameKey(b);
}
