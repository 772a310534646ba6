import { z } from 'zod';
import type { TriggerVariable } from '../core.ts';

const variable = z
  .object({
    name: z.string(),
    value: z.string().optional(),
    encrypted_value: z.string().optional(),
    secure: z.boolean().optional(),
  })
  .transform(({ name, value, encrypted_value: sealed, secure }, context): TriggerVariable => {
    const refuse = (key: string, message: string): TriggerVariable => {
      context.addIssue({ code: 'custom', path: [key], message });
      return z.NEVER;
    };
    if (sealed === undefined) {
      if (value === undefined) return refuse('value', 'give `value` or `encrypted_value`');
      return { name, value, secure: secure ?? false };
    }
    if (value !== undefined)
      return refuse('value', 'You may only specify `value` or `encrypted_value`, not both!');
    if (secure === false) {
      return refuse('encrypted_value', "You may specify encrypted value only when option 'secure' is true.");
    }
    return { name, sealed };
  });

/** What a trigger may bring with it (server-config-api 3.2). */
export const scheduleOptions = z.object({
  environment_variables: z.array(variable).optional(),
  materials: z.array(z.object({ fingerprint: z.string(), revision: z.string() })).optional(),
  update_materials_before_scheduling: z.boolean().optional(),
});
