import { expect, test } from 'vitest';
import {
  decodeAgentRequest,
  decodeGetWorkRequest,
  decodeIsIgnoredRequest,
  decodeMaterial,
  decodePingRequest,
  decodeReportCurrentStatusRequest,
  decodeWork,
  encodeAgentRequest,
  encodeMaterial,
  encodeWork,
  parseJson,
} from './index.ts';
import { fixture, fixtureNames } from './testing/fixture.ts';

/** Text in, text out: decode, then encode. */
function through<T>(decode: (value: unknown) => T, encode: (value: T) => string): (text: string) => string {
  return (text) => encode(parseJson(text, decode));
}

const material = through(decodeMaterial, encodeMaterial);
const CODECS: Readonly<Record<string, (text: string) => string>> = {
  'build-work': through(decodeWork, encodeWork),
  'get-work-elastic': through(decodeGetWorkRequest, encodeAgentRequest),
  'is-ignored': through(decodeIsIgnoredRequest, encodeAgentRequest),
  ping: through(decodePingRequest, encodeAgentRequest),
  'report-current-status': through(decodeReportCurrentStatusRequest, encodeAgentRequest),
  hgmaterial: material,
  p4material: material,
  package: material,
  pluggablescm: material,
  svnmaterial: material,
  tfsmaterial: material,
};

test('each recorded message of GoCD has a codec', () => {
  expect(Object.keys(CODECS).sort()).toEqual([...fixtureNames()].sort());
});

test.each(Object.keys(CODECS))(
  '%s comes through decoder and encoder unchanged, keys in the same order',
  (name) => {
    const recorded = fixture(name);
    const encoded: unknown = JSON.parse(CODECS[name]?.(JSON.stringify(recorded)) ?? '');
    expect(encoded).toStrictEqual(recorded);
    expect(JSON.stringify(encoded)).toBe(JSON.stringify(recorded));
  },
);

test.each(['ping', 'get-work-elastic', 'is-ignored', 'report-current-status'])(
  '%s is told by its own type where the endpoint is unknown',
  (name) => {
    expect(decodeAgentRequest(fixture(name))).toStrictEqual(fixture(name));
  },
);
