import { readFile } from 'node:fs/promises';
import { valueOf } from '../../settings/resolve-settings.ts';
import { check, fail, ok, warn } from '../check.ts';
import { identityFile } from '../probes/identity.ts';

interface RegistrationFacts {
  readonly registered: boolean;
  readonly keyFile?: string;
  /** Error code; `empty` for a file without a key. */
  readonly problem?: string;
  readonly hasKey: boolean;
}

export const registrationCheck = check({
  name: 'registration',
  about: 'whether the agent has what it registers with',
  async look({ home, resolution, settings }): Promise<RegistrationFacts> {
    const registered = (await identityFile(home, 'token')) !== undefined;
    const hasKey = valueOf(resolution, 'auto-register-key') !== undefined;
    const keyFile = settings['auto-register-key-file'];
    if (keyFile === undefined) return { registered, hasKey };
    const text = await readFile(keyFile, 'utf8').catch((error: NodeJS.ErrnoException) => error);
    if (text instanceof Error) return { registered, hasKey, keyFile, problem: text.code ?? 'unknown' };
    return { registered, hasKey, keyFile, ...(text.trim() === '' ? { problem: 'empty' } : {}) };
  },
  judge({ registered, keyFile, problem, hasKey }) {
    // Whoever sets machines up takes the key away once it has been used.
    if (registered && problem !== undefined)
      return ok(`the agent has a token, and needs no key; in ${keyFile} there is none (${problem})`);
    if (problem !== undefined)
      return fail(
        `the key for automatic registration is to be in ${keyFile}, which is ${problem === 'empty' ? 'empty' : `unreadable (${problem})`}`,
        'put the key there, readable for the agent alone, or take auto-register-key-file out of the settings',
      );
    if (keyFile !== undefined || hasKey) return ok('there is a key for automatic registration');
    if (registered) return ok('the agent has a token, and needs no key');
    return warn(
      'there is neither a token nor a key: the agent will wait until somebody approves it',
      "give --auto-register-key-file FILE, or approve it on the server's agents page",
    );
  },
});
