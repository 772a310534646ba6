import { type BuildAssignment, type Builder, effectiveValue, type Material } from '@go-agent/protocol';
import { splitCredentials } from './materials/url-credentials.ts';

/** Every value of the assignment that must not be seen on the console. */
export function* jobSecrets(assignment: BuildAssignment): Generator<string> {
  for (const { value, secure, secretParams } of assignment.initialContext.properties) {
    const effective = effectiveValue(value, secretParams);
    if (effective.type === 'value' && (secure || secretParams.length > 0)) yield effective.value;
    for (const { value: secret } of secretParams) if (secret !== undefined) yield secret;
  }
  for (const { material } of assignment.materialRevisions.revisions) yield* materialSecrets(material);
  for (const builder of assignment.builders) yield* optionSecrets(builder);
}

function* optionSecrets(builder: Builder): Generator<string> {
  if (builder.type === 'PluggableTaskBuilder')
    for (const { value, secure } of Object.values(builder.pluginConfig))
      if (secure && value !== undefined) yield value;
  if (builder.cancelBuilder !== undefined) yield* optionSecrets(builder.cancelBuilder);
}

function* materialSecrets(material: Material): Generator<string> {
  if ('password' in material && material.password !== undefined) {
    const params = material.secretParamsForPassword ?? [];
    const effective = effectiveValue(material.password, params);
    if (effective.type === 'value') yield effective.value;
    for (const { value } of params) if (value !== undefined) yield value;
  }
  if (!('url' in material)) return;
  const { secrets } = splitCredentials(material.url.url);
  for (const secret of secrets) {
    yield secret;
    yield encodeURIComponent(secret);
  }
}
