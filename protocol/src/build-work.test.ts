import { expect, test } from 'vitest';
import { type BuildWork, decodeWork, encodeWork, parseJson } from './index.ts';
import { fixture } from './testing/fixture.ts';

function assignmentWith(changes: object): unknown {
  const work = fixture('build-work') as BuildWork;
  return { ...work, assignment: { ...work.assignment, ...changes } };
}

function decodeAssignment(changes: object) {
  const work = decodeWork(assignmentWith(changes));
  if (work.type !== 'BuildWork') throw new Error(`decoded as ${work.type}`);
  return work.assignment;
}

test('a bare kill-all or null builder is filled up with what its absent fields mean', () => {
  const { builders } = decodeAssignment({
    builders: [{ type: 'BuilderForKillAllChildTask' }, { type: 'NullBuilder' }],
  });
  expect(builders).toEqual([
    { type: 'BuilderForKillAllChildTask', exitCode: -1, conditions: [], description: '' },
    { type: 'NullBuilder', exitCode: -1, conditions: [], description: '' },
  ]);
});

test('what a stock agent tolerates as missing is tolerated', () => {
  const assignment = decodeAssignment({
    artifactStores: undefined,
    approver: undefined,
    artifactPlans: [{ artifactPlanType: 'file', src: 'a' }],
    initialContext: { properties: [{ name: 'A', value: 'b' }] },
    materialRevisions: {
      revisions: [
        {
          material: {
            type: 'GitMaterial',
            url: { url: 'u' },
            materialType: 'GitMaterial',
            name: { name: 'n' },
          },
          modifications: [{ revision: 'r' }],
        },
      ],
    },
  });
  expect(assignment.artifactStores).toEqual([]);
  expect(assignment.artifactPlans).toEqual([{ artifactPlanType: 'file', src: 'a', dest: '' }]);
  expect(assignment.initialContext.properties).toEqual([
    { name: 'A', value: 'b', secure: false, secretParams: [] },
  ]);
  expect(assignment.materialRevisions.revisions[0]?.changed).toBe(false);
});

test.each([
  ['builders'],
  ['artifactPlans'],
  ['buildWorkingDirectory'],
  ['jobIdentifier'],
  ['initialContext'],
  ['materialRevisions'],
])('a job without %s is refused, for nothing could be done with it', (field) => {
  expect(() => decodeWork(assignmentWith({ [field]: undefined }))).toThrow(`$.assignment.${field}: expected`);
});

test('a material revision without modifications is refused', () => {
  const revisions = [{ material: fixture('hgmaterial'), modifications: [], changed: true }];
  expect(() => decodeWork(assignmentWith({ materialRevisions: { revisions } }))).toThrow(
    '$.assignment.materialRevisions.revisions[0].modifications: expected an array with at least one element, found an empty array',
  );
});

test('a command without conditions is refused, an unknown run-if status matches nothing', () => {
  const command = { type: 'CommandBuilder', command: 'ls', workingDir: { path: 'p' } };
  expect(() => decodeAssignment({ builders: [command] })).toThrow('builders[0].conditions');
  const { builders } = decodeAssignment({
    builders: [{ ...command, conditions: [{ status: 'sometimes' }] }],
  });
  expect(builders[0]?.conditions).toEqual([{}]);
});

test('null counts as absent, unknown fields are ignored, and the type need not come first', () => {
  expect(
    parseJson('{"x":[{}],"message":null,"uuid":"u","type":"UnregisteredAgentWork"}', decodeWork),
  ).toEqual({
    type: 'UnregisteredAgentWork',
    uuid: 'u',
  });
});

test('a type that is not of the protocol is named in the error', () => {
  expect(() => decodeWork({ type: 'BuildCommandWork' })).toThrow(
    '$.type: expected one of NoWork, DeniedAgentWork, UnregisteredAgentWork, BuildWork, found BuildCommandWork',
  );
});

test('the encoded text has the escapes of Gson and no null', () => {
  const text = encodeWork({ type: 'UnregisteredAgentWork', uuid: `<a href='x'>&=</a>` });
  expect(text).toBe(
    '{"type":"UnregisteredAgentWork","uuid":"\\u003ca href\\u003d\\u0027x\\u0027\\u003e\\u0026\\u003d\\u003c/a\\u003e"}',
  );
});
