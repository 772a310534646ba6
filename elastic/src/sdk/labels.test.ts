import { expect, test } from 'vitest';
import { isAgentId, newAgentId } from './labels.ts';

test.each(['small', 'Größe XL', '', '---', 'a'.repeat(100), '../x', '9'])(
  'an id made for profile "%s" is known as one, and is a DNS label',
  (profile) => {
    const id = newAgentId(profile);
    expect(isAgentId(id)).toBe(true);
    expect(id).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
  },
);

test.each(['prod-db-1', 'ga-office', 'ga-small-000000000000000g', 'x-ga-small-0000000000000001', ''])(
  '"%s" is no id of an agent',
  (name) => {
    expect(isAgentId(name)).toBe(false);
  },
);
