/** Where a server serves the metadata, without a token; its files have the names that {@link isTrustFile} knows. */
export const TRUST_PATH = '/admin/agent-trust/';

/** `GET`: 200 with the document, 404 if there is none. */
export function trustPath(file: string): string {
  return TRUST_PATH + file;
}

const FILE = /^(?:(?<version>[1-9][0-9]{0,15})\.(?<role>root|targets|snapshot)|timestamp)\.json$/;

/** Whether a metadata folder serves a file of this name. */
export function isTrustFile(name: string): boolean {
  return FILE.test(name);
}

/** The file with the highest version of a role; undefined if there is none. */
export function newestTrustFile(
  names: Iterable<string>,
  role: 'root' | 'targets' | 'snapshot',
): string | undefined {
  const versions = [...names]
    .map((name) => FILE.exec(name)?.groups)
    .filter((groups) => groups?.['role'] === role)
    .map((groups) => Number(groups?.['version']));
  return versions.length === 0 ? undefined : `${Math.max(...versions)}.${role}.json`;
}
