/** What every plugin has to keep to. docs/elastic-sdk.md says why. */
export const RULES = {
  'answers-in-time': 'Every request is answered within its deadline',
  'answers-well': 'Every answer has the form that the protocol says, and no request fails',
  'refuses-unknown':
    'A request that the plugin does not know is answered with an error, and nothing else happens',
  'names-problems':
    'validate names each required field that is missing, and finds nothing wrong with what is right',
  'decides-once': 'Each job that was asked about gets one decision, and no other job any',
  'assigns-what-is-free':
    'assign names an agent of the request, of the profile and environment of the job, and each once',
  'holds-for-an-agent': 'hold is answered only while an agent with a key is on its way',
  'gives-reasons': 'hold, wait and decline have a reason',
  'new-ids':
    'Each key is asked for with an id that was never used before, of letters, digits, dots, hyphens, underscores',
  'one-key-a-job': 'No second key for a job that has an agent on its way',
  'takes-no-for-an-answer': 'After a refused key, none is asked for the same job in the same call',
  'starts-agents': 'An agent that has a key is listed within the time to start, or reported as failed',
  'starts-what-is-asked': 'start-agents starts no more than asked for, each with a key and for no job',
  'lists-own': 'list-instances names only agents of this server and these clusters, each once',
  'finds-again': 'After a crash of the plugin, its agents are listed again',
  'stops-agents': 'stop-agent ends the agent and all that is left of it, and does no harm when there is none',
  'keeps-agents': 'No agent goes that nobody has stopped',
  'keeps-secrets': 'No key and no secret property on the standard error or in a message',
  'speaks-frames': 'Nothing but messages on the standard output',
  'ends-with-the-server': 'The plugin ends within 5 seconds when its standard input does',
} as const;
export type Rule = keyof typeof RULES;

export interface Violation {
  readonly rule: Rule;
  readonly message: string;
}

/** A day has many moments; the same message counts once, and each rule shows a few. */
export class Violations {
  readonly #found = new Map<string, Violation>();

  add(rule: Rule, message: string): void {
    this.#found.set(`${rule}\n${message}`, { rule, message });
  }

  has(rule: Rule): boolean {
    return this.list().some((each) => each.rule === rule);
  }

  list(): readonly Violation[] {
    return [...this.#found.values()];
  }
}
