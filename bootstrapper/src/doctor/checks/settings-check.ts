import { check, fail, ok, warn } from '../check.ts';

export const settingsCheck = check({
  name: 'settings',
  about: 'names and values of what is set, and whether a server is',
  look: async ({ resolution, server }) => ({ problems: resolution.problems, server }),
  judge({ problems, server }) {
    const remedy = 'go-agent config explain shows each setting and where it comes from';
    const errors = problems.filter(({ level }) => level === 'error').map(({ message }) => message);
    if (errors.length > 0) return fail(errors.join('; '), remedy);
    if (server === undefined)
      return fail(
        'no server is set',
        'give --server-url URL, or set GO_SERVER_URL, here and where the agent is started',
      );
    if (!server.ok) return fail(server.message, remedy);
    if (problems.length > 0) return warn(problems.map(({ message }) => message).join('; '), remedy);
    return ok(`the server is ${server.url}`);
  },
});
