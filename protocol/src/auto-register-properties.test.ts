import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAutoRegisterProperties, scrubAutoRegisterProperties } from './auto-register-properties.ts';

const FILE = `# written by the image
agent.auto.register.key=k3y-\\
   part2
agent.auto.register.resources = linux,\\
  docker
agent.auto.register.environments:prod
agent.auto.register.hostname build-7
agent.auto.register.elasticAgent.agentId=ecs-123
agent.auto.register.elasticAgent.pluginId=cd.go.docker
other=kept
`;

test('the file gives the six values of the form', () => {
  expect(parseAutoRegisterProperties(FILE)).toEqual({
    key: 'k3y-part2',
    resources: 'linux,docker',
    environments: 'prod',
    hostname: 'build-7',
    elasticAgentId: 'ecs-123',
    elasticPluginId: 'cd.go.docker',
  });
  expect(Object.values(parseAutoRegisterProperties(''))).toEqual(['', '', '', '', '', '']);
});

test('after registration four properties are comments, nothing is left of the key, the rest stands', () => {
  expect(scrubAutoRegisterProperties(FILE)).toBe(`# written by the image
# The autoregister key has been intentionally removed by Go as a security measure.
# agent.auto.register.key=
# This property has been removed by Go after attempting to auto-register with the Go server.
# agent.auto.register.resources = linux,\\
#   docker
# This property has been removed by Go after attempting to auto-register with the Go server.
# agent.auto.register.environments:prod
# This property has been removed by Go after attempting to auto-register with the Go server.
# agent.auto.register.hostname build-7
agent.auto.register.elasticAgent.agentId=ecs-123
agent.auto.register.elasticAgent.pluginId=cd.go.docker
other=kept
`);
});

test('scrubbing any file leaves no key, keeps the elastic ids, and does nothing the second time', () => {
  const name = fc.constantFrom(
    'key',
    'resources',
    'hostname',
    'elasticAgent.agentId',
    'elasticAgent.pluginId',
    'x',
  );
  const value = fc.string({ unit: fc.constantFrom('a', '\\', '\n', '\r', ' ', '#', '=', ',', '\t') });
  const file = fc
    .array(fc.tuple(name, value))
    .map((pairs) => pairs.map(([key, text]) => `agent.auto.register.${key}=${text}`).join('\n'));
  fc.assert(
    fc.property(file, (text) => {
      const scrubbed = scrubAutoRegisterProperties(text);
      const before = parseAutoRegisterProperties(text);
      expect(parseAutoRegisterProperties(scrubbed)).toEqual({
        key: '',
        resources: '',
        environments: '',
        hostname: '',
        elasticAgentId: before.elasticAgentId,
        elasticPluginId: before.elasticPluginId,
      });
      expect(scrubAutoRegisterProperties(scrubbed)).toBe(scrubbed);
    }),
  );
});
