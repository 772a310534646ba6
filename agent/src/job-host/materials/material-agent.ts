import type { Material, Modification } from '@go-agent/protocol';
import type { JobContext } from '../job-context.ts';

export interface Checkout<M extends Material> {
  readonly material: M;
  /** Newest first, never empty. */
  readonly modifications: readonly Modification[];
  /** The one to check out: the newest. */
  readonly revision: string;
  /** Absolute path of the folder that the material fills. */
  readonly folder: string;
  readonly context: JobContext;
}

/**
 * Brings one kind of material to a revision.
 * @throws AppError material-failed, material-not-supported
 */
export interface MaterialAgent<M extends Material> {
  update(checkout: Checkout<M>): Promise<void>;
}

/** What GoCD calls the folder of a material on the console. */
export function shownTarget(material: { readonly folder?: string }): string {
  return material.folder === undefined || material.folder === '' ? 'files' : material.folder;
}
