import { dirname } from 'node:path';
import type { JobContext } from '../../job-context.ts';
import { ScmClient } from '../scm-client.ts';
import type { GitRemote } from './git-remote.ts';

// The machine's and the user's configuration counts: proxies, certificates, credential helpers, LFS and rewritten URLs live there.
// Only what would make git do something else than what is asked for here is set back.
const OPTIONS = Object.entries({
  // The agent owns its working folders, even where a container's user mapping makes git doubt it.
  'safe.directory': '*',
  'safe.bareRepository': 'all',
  // What runs on in the background would be ended with the job.
  'gc.autoDetach': 'false',
  'maintenance.autoDetach': 'false',
  'core.fsmonitor': 'false',
  'clone.defaultRemoteName': 'origin',
  'submodule.recurse': 'false',
  'color.ui': 'false',
  'advice.detachedHead': 'false',
}).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

// They would lead git away from the material's folder. An agent that was started out of a git hook has them.
const WITHHELD = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
  'GIT_CONFIG',
  'GIT_SHALLOW_FILE',
  'GIT_GRAFT_FILE',
  'GIT_QUARANTINE_PATH',
];

/** git at work in one folder, with the credentials of one remote repository. */
export class GitCommand extends ScmClient {
  readonly remote: GitRemote;

  constructor(folder: string, remote: GitRemote, context: JobContext) {
    super(
      {
        command: 'git',
        product: 'git',
        folder,
        options: [...OPTIONS, ...remote.options],
        environment: {
          GIT_TERMINAL_PROMPT: '0',
          GCM_INTERACTIVE: 'never',
          // A broken `.git` must not make git climb to a repository further up, and reset that one.
          GIT_CEILING_DIRECTORIES: dirname(folder),
          ...remote.environment,
        },
        withheld: WITHHELD,
      },
      context,
    );
    this.remote = remote;
  }

  /** git in another folder, with the same credentials: for a submodule, say. */
  in(folder: string, url = this.remote.url): GitCommand {
    const masked = url === this.remote.url ? this.remote.masked : url;
    return new GitCommand(folder, { ...this.remote, url, masked }, this.context);
  }
}
