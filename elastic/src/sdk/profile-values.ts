import type { ElasticProfile } from '@go-agent/protocol/elastic';
import { AppError } from '@go-agent/runtime/core';
import type { Provider } from './provider.ts';
import { type Fields, readValues, secretsOf, type Values } from './schema.ts';
import type { SecretBook } from './secret-book.ts';

/** @throws AppError `elastic-profile` with all that is wrong with it */
export function profileValues<CF extends Fields, PF extends Fields, K>(
  { profileSchema, checkProfile }: Provider<CF, PF, K>,
  { id, properties }: ElasticProfile,
  secrets: SecretBook,
): Values<PF> {
  secrets.add(...secretsOf(profileSchema, properties));
  const read = readValues(profileSchema, properties);
  const problems = read.ok ? (checkProfile?.(read.values) ?? []) : read.problems;
  if (read.ok && problems.length === 0) return read.values;
  const messages = problems.map(({ message }) => message).join(' ');
  throw new AppError('elastic-profile', `Elastic agent profile ${id}: ${messages}`);
}
