import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as elastic from './elastic/index.ts';
import * as protocol from './index.ts';
import { DecodeError, decodeBuildWork, parseJson } from './index.ts';
import { ELASTIC_EXAMPLES } from './testing/elastic-examples.ts';
import { fixture } from './testing/fixture.ts';
import { mutated } from './testing/mutated.ts';
import { TRUST_EXAMPLES } from './testing/trust-examples.ts';
import * as trust from './trust/index.ts';

const ping = fixture('ping') as protocol.PingRequest;
const ignored = fixture('is-ignored') as protocol.IsIgnoredRequest;
const work = fixture('build-work') as protocol.BuildWork;
const builders = work.assignment.builders;

/** A valid input of every decoder; each test below runs over all of them. */
const VALID: Readonly<Record<string, readonly unknown[]>> = {
  decodeAgentRequest: [ping, fixture('report-current-status')],
  decodeAgentRuntimeInfo: [
    ping.agentRuntimeInfo,
    (fixture('get-work-elastic') as protocol.GetWorkRequest).agentRuntimeInfo,
  ],
  decodeBuilder: builders,
  decodeBuildWork: [work],
  decodeBundleManifest: [
    { name: 'agent', version: '1', contract: 1, entry: 'main.js', files: { 'main.js': 'a'.repeat(64) } },
  ],
  decodeCookieBody: ['a1a9c0ce-9a0f-4f4b-b2a7-2f6d7c1f0e11'],
  decodeExtraProperties: ['Z29jZC5hZ2VudC5mb289YmFyJTIwYmF6IGEuYj1j'],
  decodeFileSelection: [{ files: ['a.txt', 'b/c.txt'] }],
  decodeGetCookieRequest: [ping],
  decodeGetWorkRequest: [fixture('get-work-elastic')],
  decodeInstructionBody: ['"NONE"', 'CANCEL'],
  decodeIsIgnoredBody: ['true', 'false'],
  decodeIsIgnoredRequest: [ignored],
  decodeJobIdentifier: [ignored.jobIdentifier],
  decodeManifestEntry: [
    { kind: 'file', path: 'a/b', size: 1, mode: 420, sha256: 'a'.repeat(64) },
    { kind: 'folder', path: 'a' },
    { kind: 'link', path: 'c', target: 'a/b' },
  ],
  decodeMaterial: ['hgmaterial', 'p4material', 'package', 'pluggablescm', 'svnmaterial', 'tfsmaterial'].map(
    fixture,
  ),
  decodeMaterialRevision: work.assignment.materialRevisions.revisions,
  decodePingRequest: [ping],
  decodePluggableArtifactConfig: [
    { configuration: { Source: 'app.zip' }, id: 'docker-image', storeId: 's3' },
  ],
  decodeRegistrationFields: [
    'hostname=&uuid=&location=&usablespace=&operatingSystem=&agentAutoRegisterKey=&agentAutoRegisterResources=&agentAutoRegisterEnvironments=&agentAutoRegisterHostname=&elasticAgentId=&elasticPluginId=&token=',
  ],
  decodeReportCompleteStatusRequest: [{ ...ignored, jobResult: 'Passed' }],
  decodeReportCurrentStatusRequest: [fixture('report-current-status')],
  decodeWork: [work, { type: 'NoWork' }, { type: 'DeniedAgentWork', uuid: 'u' }],
  ...ELASTIC_EXAMPLES,
  ...TRUST_EXAMPLES,
};

type AnyDecoder = (value: unknown) => unknown;
const DECODERS = Object.entries({ ...protocol, ...elastic, ...trust }).filter(([name]) =>
  name.startsWith('decode'),
) as [string, AnyDecoder][];

test('no decoder of the package is missing from the table', () => {
  expect(DECODERS.map(([name]) => name).sort()).toEqual(Object.keys(VALID).sort());
});

/** What a decoder throws, which must be nothing but its own error. */
function errorOf(decode: AnyDecoder, value: unknown): DecodeError | undefined {
  try {
    decode(value);
    return undefined;
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
});

test.each(DECODERS)('%s accepts its examples', (name, decode) => {
  for (const value of VALID[name] ?? []) expect(errorOf(decode, value)).toBeUndefined();
});

test.each(DECODERS)('%s throws nothing but DecodeError on arbitrary input', (_name, decode) => {
  fc.assert(fc.property(anything, (value) => void errorOf(decode, value)));
  fc.assert(fc.property(fc.jsonValue(), (value) => void errorOf(decode, value)));
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (value) => void errorOf(decode, value)));
  fc.assert(
    fc.property(fc.json(), (value) => void errorOf((text) => parseJson(String(text), decode), value)),
  );
});

test.each(DECODERS)(
  '%s throws nothing but DecodeError on an example with one part changed',
  (name, decode) => {
    for (const value of VALID[name] ?? []) {
      fc.assert(fc.property(mutated(value, anything), (changed) => void errorOf(decode, changed)));
      fc.assert(
        fc.property(mutated(value, fc.constant(undefined)), (changed) => void errorOf(decode, changed)),
      );
    }
  },
);

test.each(DECODERS)('%s gives nothing of its input away in an error', (name, decode) => {
  const secret = 'hunter2 & co';
  const secrets = fc.constantFrom<unknown>(secret, [secret], { a: secret }, { type: secret });
  for (const value of VALID[name] ?? []) {
    fc.assert(
      fc.property(mutated(value, secrets), (changed) => {
        expect(errorOf(decode, changed)?.message ?? '').not.toContain('hunter2');
      }),
    );
  }
});

test('text that is not JSON is a DecodeError that does not quote it', () => {
  const error = errorOf((text) => parseJson(String(text), decodeBuildWork), '{"password": hunter2}');
  expect(error?.message).toBe('$: expected JSON, found 21 characters that are not');
  expect(error?.cause).toBeUndefined();
});

test('an error says where, what was expected and what was there', () => {
  const [first, second] = builders;
  const broken = {
    ...work,
    assignment: { ...work.assignment, builders: [first, { ...second, workingDir: { path: 7 } }] },
  };
  const error = errorOf(decodeBuildWork, broken);
  expect(error).toMatchObject({
    code: 'decode',
    path: '$.assignment.builders[1].workingDir.path',
    expected: 'a string',
    actual: 'a number',
  });
});

test('input nested too deep is a DecodeError, not an exhausted stack', () => {
  let chain: unknown = { type: 'NullBuilder' };
  for (let i = 0; i < 100_000; i++) chain = { type: 'BuilderForKillAllChildTask', cancelBuilder: chain };
  expect(errorOf(protocol.decodeBuilder, chain)?.expected).toBe('at most 200 levels');
  const text = `{"type":"NullBuilder","conditions":[{"configErrors":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}]}`;
  expect(errorOf((value) => parseJson(String(value), protocol.decodeBuilder), text)?.expected).toBe(
    'at most 200 levels',
  );
});

test('a key named __proto__ stays a key', () => {
  const text =
    '{"type":"PluggableTaskBuilder","workingDir":"w","pluginId":"p","conditions":[],"pluginConfig":{"__proto__":{"value":"v"}}}';
  const decoded = parseJson(text, protocol.decodeBuilder) as protocol.PluggableTaskBuilder;
  expect(Object.keys(decoded.pluginConfig)).toEqual(['__proto__']);
  expect(protocol.encodeBuilder(decoded)).toContain('"__proto__":{"value":"v"}');
});
