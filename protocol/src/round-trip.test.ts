import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeAgentRequest,
  decodeAgentRuntimeInfo,
  decodeJobIdentifier,
  decodeRegistrationFields,
  decodeWork,
  encodeAgentRequest,
  encodeAgentRuntimeInfo,
  encodeJobIdentifier,
  encodeRegistrationFields,
  encodeWork,
  parseJson,
} from './index.ts';
import { agentRequest, agentRuntimeInfo, jobIdentifier } from './testing/arbitraries.ts';
import { work } from './testing/work-arbitrary.ts';

function isIdentity<T>(values: fc.Arbitrary<T>, encode: (value: T) => string, decode: (value: unknown) => T) {
  fc.assert(
    fc.property(values, (value) => {
      expect(parseJson(encode(value), decode)).toEqual(value);
    }),
  );
}

test('what is encoded as an answer to get_work is decoded to the same work', () => {
  isIdentity(work, encodeWork, decodeWork);
});

test('what is encoded as a request of an agent is decoded to the same request', () => {
  isIdentity(agentRequest, encodeAgentRequest, decodeAgentRequest);
});

test('runtime info and job identifier survive on their own', () => {
  isIdentity(agentRuntimeInfo, encodeAgentRuntimeInfo, decodeAgentRuntimeInfo);
  isIdentity(jobIdentifier, encodeJobIdentifier, decodeJobIdentifier);
});

test('a registration form survives any text in its fields', () => {
  const text = fc.string({ unit: 'grapheme' });
  const form = fc.record({
    hostname: text,
    uuid: text,
    location: text,
    usablespace: text,
    operatingSystem: text,
    agentAutoRegisterKey: text,
    agentAutoRegisterResources: text,
    agentAutoRegisterEnvironments: text,
    agentAutoRegisterHostname: text,
    elasticAgentId: text,
    elasticPluginId: text,
    token: text,
  });
  fc.assert(
    fc.property(form, (fields) => {
      expect(decodeRegistrationFields(encodeRegistrationFields(fields))).toEqual(fields);
    }),
  );
});
