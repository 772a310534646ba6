// The provider of docs/elastic-sdk.md, for a cloud of eggs with an HTTP API.

import {
  AppError,
  type Cluster,
  defineProvider,
  type FoundAgent,
  Label,
  registrationVariables,
  secret,
  text,
} from '@go-agent/elastic/sdk';

const clusterSchema = {
  url: text({ title: 'Hatchery', help: 'Such as https://hatchery.example.com', required: true }),
  token: secret({ title: 'Token', required: true }),
};

const profileSchema = {
  breed: text({ title: 'Breed', help: 'The image that hatches.', required: true }),
};

interface Egg {
  readonly name: string;
  readonly state: 'warm' | 'hatched' | 'broken';
  readonly laidAt: number;
  readonly tags: Readonly<Record<string, string>>;
}

type Call = (method: string, path: string, body?: object) => Promise<Response>;

export const hatchery = defineProvider({
  id: 'example.hatchery',
  name: 'Hatchery',
  version: '1.0.0',
  description: 'Runs each agent in an egg of its own.',
  clusterSchema,
  profileSchema,

  connect: async ({ properties: { url, token } }): Promise<Call> => {
    return async (method, path, body) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      const answer = await fetch(`${url}${path}`, init).catch((cause: unknown) => {
        throw new AppError('hatchery', 'The hatchery does not answer', { retryable: true, cause });
      });
      if (answer.status < 500) return answer;
      throw new AppError('hatchery', `The hatchery is in trouble (${answer.status})`, { retryable: true });
    };
  },

  async create(order, { connection: call }) {
    const answer = await call('PUT', `/eggs/${order.agentId}`, {
      breed: order.profile.breed,
      tags: order.labels,
      environment: registrationVariables(order),
    });
    if (answer.ok) return { type: 'created' };
    return { type: 'refused', reason: `The hatchery refuses the egg: ${await answer.text()}` };
  },

  async list({ connection: call, labels }: Cluster<unknown, Call>) {
    const answer = await call('GET', '/eggs');
    if (!answer.ok) throw new AppError('hatchery', `The hatchery refuses a list: ${await answer.text()}`);
    const eggs = (await answer.json()) as Egg[];
    return eggs
      .filter((egg) => Object.entries(labels).every(([name, value]) => egg.tags[name] === value))
      .map(foundAgent);
  },

  async remove(agentId, { connection: call }) {
    const answer = await call('DELETE', `/eggs/${agentId}`);
    if (!answer.ok && answer.status !== 404) {
      throw new AppError('hatchery', `The hatchery keeps the egg: ${await answer.text()}`);
    }
  },
});

function foundAgent({ name, state, laidAt, tags }: Egg): FoundAgent {
  return {
    agentId: name,
    state: state === 'warm' ? 'starting' : state === 'hatched' ? 'running' : 'ended',
    createdAt: laidAt,
    profileId: tags[Label.profile] ?? '',
    detail: `The egg is ${state}`,
  };
}
