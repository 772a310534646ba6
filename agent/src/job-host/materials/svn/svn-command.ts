import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SvnMaterial } from '@go-agent/protocol';
import type { JobContext } from '../../job-context.ts';
import { materialCredentials } from '../material-credentials.ts';
import { type RunOptions, ScmClient } from '../scm-client.ts';

/** svn at work in one working copy. The password goes through its standard input (svn 1.10 or newer), and is not stored. */
export class SvnCommand extends ScmClient {
  /** Without credentials. */
  readonly url: string;
  readonly masked: string;
  readonly #credentials: readonly string[];
  readonly #input: { readonly input?: string };

  /** @throws AppError material-failed if the password is not resolved */
  constructor(folder: string, material: SvnMaterial, context: JobContext) {
    super({ command: 'svn', product: 'Subversion', folder, options: ['--non-interactive'] }, context);
    const { url, masked, userName, password } = materialCredentials(material);
    this.url = url;
    this.masked = masked;
    const user = userName === undefined ? [] : ['--username', userName];
    const secret = password === undefined ? [] : ['--password-from-stdin', '--no-auth-cache'];
    this.#credentials = [...user, ...secret];
    this.#input = password === undefined ? {} : { input: `${password}\n` };
  }

  /** The URL as it was at a revision, wherever it has been moved to since. An `@` in it is no revision then either. */
  pegged(revision: string): string {
    return `${this.url}@${revision}`;
  }

  /** Runs a command that may speak with the server. */
  runRemote(args: readonly string[], failure: string, options: RunOptions = {}): Promise<void> {
    return this.run([...args, ...this.#credentials], failure, { ...options, ...this.#input, isRemote: true });
  }

  /** Undefined if the folder is no working copy of its own. */
  async workingCopyUrl(): Promise<string | undefined> {
    const stats = await stat(join(this.folder, '.svn')).catch(() => undefined);
    return stats?.isDirectory() ? this.ask(['info', '--show-item', 'url', '.']) : undefined;
  }

  async hasLocalChanges(): Promise<boolean> {
    return (await this.ask(['status', '--quiet', '--ignore-externals'])) !== '';
  }

  /** Whether the server answers and has the revision. */
  async canSee(revision: string): Promise<boolean> {
    const info = ['info', '--show-item', 'kind', ...this.#credentials, this.pegged(revision)];
    return (
      (await this.ask(info, { cwd: dirname(this.folder), ...this.#input, isRemote: true })) !== undefined
    );
  }
}
