// The identity of a material: pipelines with the same fingerprint share polls and modifications (reference: server-config-api 2.2).

import { createHash } from 'node:crypto';

export function gitFingerprint(url: string, branch: string): string {
  return fingerprint([
    ['type', 'GitMaterial'],
    ['url', url],
    ['branch', branch],
  ]);
}

export function dependencyFingerprint(pipeline: string, stage: string): string {
  return fingerprint([
    ['type', 'DependencyMaterial'],
    ['pipelineName', pipeline],
    ['stageName', stage],
  ]);
}

function fingerprint(criteria: readonly (readonly [string, string])[]): string {
  const text = criteria.map(([key, value]) => `${key}=${value}`).join('<|>');
  return createHash('sha256').update(text).digest('hex');
}
