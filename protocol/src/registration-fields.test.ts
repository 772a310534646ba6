import { expect, test } from 'vitest';
import { decodeRegistrationFields, encodeRegistrationFields } from './registration-fields.ts';

const FIELDS = {
  hostname: 'build-7.example.com',
  uuid: '5e9f2b1c-0a53-4d0e-8f6f-0d3f3b1c2a77',
  location: '/var/lib/go-agent',
  usablespace: '52428800000',
  operatingSystem: 'Ubuntu 24.04 LTS (Noble Numbat)',
  agentAutoRegisterKey: 'k3y',
  agentAutoRegisterResources: 'linux,docker',
  agentAutoRegisterEnvironments: '',
  agentAutoRegisterHostname: '',
  elasticAgentId: '',
  elasticPluginId: '',
  token: '7jYDZvh4uk4wy5ThHO4S9ciHxLcsG9LOfkminduik1w=',
};
const BODY =
  'hostname=build-7.example.com&uuid=5e9f2b1c-0a53-4d0e-8f6f-0d3f3b1c2a77&location=%2Fvar%2Flib%2Fgo-agent&usablespace=52428800000&operatingSystem=Ubuntu+24.04+LTS+%28Noble+Numbat%29&agentAutoRegisterKey=k3y&agentAutoRegisterResources=linux%2Cdocker&agentAutoRegisterEnvironments=&agentAutoRegisterHostname=&elasticAgentId=&elasticPluginId=&token=7jYDZvh4uk4wy5ThHO4S9ciHxLcsG9LOfkminduik1w%3D';

test('the form of the reference, both ways', () => {
  expect(encodeRegistrationFields(FIELDS)).toBe(BODY);
  expect(decodeRegistrationFields(BODY)).toEqual(FIELDS);
  expect(decodeRegistrationFields({ ...FIELDS, csr: 'ignored' })).toEqual(FIELDS);
});

test('a missing field is named', () => {
  expect(() => decodeRegistrationFields(BODY.replace('&token=', '&tokem='))).toThrow(
    '$.token: expected a string, found nothing',
  );
});

test('the first of repeated fields counts', () => {
  expect(decodeRegistrationFields(`uuid=first&${BODY}`).uuid).toBe('first');
});
