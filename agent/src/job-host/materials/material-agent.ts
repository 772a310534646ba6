import type { Material, Modification } from '@go-agent/protocol';
import type { JobContext } from '../job-context.ts';

export interface Checkout<M extends Material> {
  readonly material: M;
  /** Newest first, never empty; [0] is the one to check out. */
  readonly modifications: readonly Modification[];
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
