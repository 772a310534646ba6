import { check, ok, skipped, warn } from '../check.ts';
import { agentEnvironment } from '../probes/agent-environment.ts';
import { runCommand } from '../probes/run-command.ts';

interface LocaleFacts {
  readonly variable: string | undefined;
  readonly name: string;
  /** Undefined: this system does not list them. */
  readonly known: readonly string[] | undefined;
}

const BUILT_IN = ['c', 'posix', 'c.utf8'];

export const localeCheck = check({
  name: 'locale',
  about: 'the language setting that jobs inherit',
  async look(subject, signal): Promise<LocaleFacts> {
    const environment = await agentEnvironment(subject);
    const variable = ['LC_ALL', 'LC_CTYPE', 'LANG'].find((name) => environment[name]);
    const listed = await runCommand('locale', ['-a'], { environment: { ...environment }, signal });
    return {
      variable,
      name: variable === undefined ? '' : (environment[variable] ?? ''),
      known:
        listed.type === 'missing' || listed.code !== 0 ? undefined : listed.output.split('\n').map(plain),
    };
  },
  judge({ variable, name, known }) {
    const remedy = 'set LANG=C.UTF-8 where the agent is started, such as in /etc/default/go-agent';
    if (process.platform === 'win32') return skipped('this system has no locales of this kind');
    if (variable === undefined)
      return warn(
        'no locale is set, so that tools of jobs may break names and text that are not ASCII',
        remedy,
      );
    if (!plain(name).endsWith('utf8'))
      return warn(
        `${variable} is ${name}, which is not UTF-8: tools of jobs may break names and text`,
        remedy,
      );
    if (known !== undefined && !known.includes(plain(name)) && !BUILT_IN.includes(plain(name)))
      return warn(
        `${variable} is ${name}, which is not installed here`,
        `${remedy}; or install it with locale-gen`,
      );
    return ok(`${variable} is ${name}`);
  },
});

/** `de_DE.UTF-8` and `de_DE.utf8` are the same. */
function plain(name: string): string {
  return name.trim().toLowerCase().replaceAll('-', '');
}
