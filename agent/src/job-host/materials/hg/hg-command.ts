import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { HgMaterial } from '@go-agent/protocol';
import type { JobContext } from '../../job-context.ts';
import { type MaterialCredentials, materialCredentials } from '../material-credentials.ts';
import { type RunOptions, ScmClient } from '../scm-client.ts';

/** hg asks once for each connection. */
const ANSWERS = 20;

/** hg at work in one clone. User and password are answers to its questions on standard input. */
export class HgCommand extends ScmClient {
  /** Without credentials. */
  readonly url: string;
  readonly masked: string;
  readonly #answers: Answers;

  /** @throws AppError material-failed if the password is not resolved */
  constructor(folder: string, material: HgMaterial, context: JobContext) {
    super({ command: 'hg', product: 'Mercurial', folder, environment: { HGPLAIN: '1' } }, context);
    const credentials = materialCredentials(material);
    this.url = credentials.url;
    this.masked = credentials.masked;
    this.#answers = answers(credentials);
  }

  /** Runs a command that may speak with the server. */
  runRemote(args: readonly string[], failure: string, options: RunOptions = {}): Promise<void> {
    const { config, input } = this.#answers;
    return this.run([...config, ...args], failure, { ...options, ...input, isRemote: true });
  }

  /** Where the folder was cloned from; undefined if it is no clone of its own. */
  async cloneUrl(): Promise<string | undefined> {
    const stats = await stat(join(this.folder, '.hg')).catch(() => undefined);
    return stats?.isDirectory() ? this.ask(['paths', 'default']) : undefined;
  }

  async hasRevision(revision: string): Promise<boolean> {
    return (await this.ask(['identify', '--id', `--rev=${revision}`])) !== undefined;
  }

  async doesRemoteAnswer(): Promise<boolean> {
    const { config, input } = this.#answers;
    const identify = [...config, 'identify', '--id', '--', this.url];
    return (await this.ask(identify, { cwd: dirname(this.folder), ...input, isRemote: true })) !== undefined;
  }
}

interface Answers {
  /** Options in front of hg's command. */
  readonly config: readonly string[];
  readonly input: { readonly input?: string };
}

function answers({ url, userName, password }: MaterialCredentials): Answers {
  if (userName === undefined && password === undefined) return { config: [], input: {} };
  // Without a terminal, hg reads its answers from standard input only if it is told so.
  const config = ['--config', 'ui.interactive=yes', '--config', 'ui.nontty=yes'];
  if (userName === undefined || password === undefined || password === '') {
    // The user name alone is a token: it is the secret, and must not be an argument.
    return { config, input: { input: `${userName ?? ''}\n${password ?? ''}\n`.repeat(ANSWERS) } };
  }
  // A repository served as plain files is asked for with HTTP all the same.
  const auth = [`auth.go-agent.prefix=${url.replace(/^static-/, '')}`, `auth.go-agent.username=${userName}`];
  return {
    config: [...config, ...auth.flatMap((entry) => ['--config', entry])],
    input: { input: `${password}\n`.repeat(ANSWERS) },
  };
}
