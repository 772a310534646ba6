import { check, fail, ok } from '../check.ts';
import { agentEnvironment } from '../probes/agent-environment.ts';
import { type CommandResult, runCommand } from '../probes/run-command.ts';

/** What checkouts of the agent make use of. */
const OLDEST = [2, 10] as const;

export const gitCheck = check({
  name: 'git',
  about: 'git, and its version',
  async look(subject, signal): Promise<CommandResult> {
    return runCommand('git', ['--version'], { environment: await agentEnvironment(subject), signal });
  },
  judge(result) {
    const wanted = OLDEST.join('.');
    if (result.type === 'missing')
      return fail('there is no git on the PATH', 'install git: jobs with git materials fail without it');
    const [, major, minor] = /git version (\d+)\.(\d+)/.exec(result.output) ?? [];
    if (result.code !== 0 || major === undefined || minor === undefined)
      return fail(
        `git --version ends with ${result.code}: ${result.output.trim().slice(0, 200)}`,
        'repair the installation of git; which git shows what is called',
      );
    const [oldestMajor, oldestMinor] = OLDEST;
    const isOld =
      Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) < oldestMinor);
    if (isOld)
      return fail(`git ${major}.${minor} is too old; ${wanted} or newer is needed`, 'install a newer git');
    return ok(`git ${major}.${minor} is there`);
  },
});
