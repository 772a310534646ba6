import {
  commandField,
  memoryLimitField,
  requestTimeoutField,
  serverUrlField,
  stopGraceField,
} from '../sdk/common-fields.ts';
import { amount, bytes, choice, duration, flag, lines, pairs, secret, text } from '../sdk/field.ts';
import type { Values } from '../sdk/schema.ts';

/** Docker's own limit. */
const LEAST_MEMORY = 6 << 20;

export const clusterSchema = {
  docker_uri: text({
    title: 'Docker',
    help: 'unix:///var/run/docker.sock, unix:///run/podman/podman.sock, or https://host:2376',
    default: 'unix:///var/run/docker.sock',
  }),
  docker_ca_cert: text({ title: 'CA certificate of Docker', help: 'PEM; for https.' }),
  docker_client_cert: text({ title: 'Client certificate', help: 'PEM; for https.' }),
  docker_client_key: secret({ title: 'Client key', help: 'PEM; for https.' }),
  server_url: serverUrlField('within a container'),
  registry_server: text({
    title: 'Registry',
    help: 'Such as registry.example.com. Default: that in the name of the image.',
  }),
  registry_username: text({ title: 'User at the registry' }),
  registry_password: secret({ title: 'Password at the registry' }),
  pull: choice(['missing', 'always', 'never'], {
    title: 'Pull images',
    help: 'missing: only those that are not here yet.',
    default: 'missing',
  }),
  environment: pairs({ title: 'Environment of all agents', help: 'NAME=value on each line.' }),
  labels: pairs({ title: 'Labels of all containers', help: 'name=value on each line.' }),
  request_timeout: requestTimeoutField('30s'),
  pull_timeout: duration({ title: 'Time limit of a pull', default: '10m' }),
  stop_grace: stopGraceField(),
};

export const profileSchema = {
  image: text({
    title: 'Image',
    help: 'Such as registry.example.com/agent:3. It must start go-agent or the GoCD agent.',
    required: true,
  }),
  command: commandField(),
  environment: pairs({ title: 'Environment', help: 'NAME=value on each line.' }),
  reserved_memory: bytes({ title: 'Reserved memory', help: 'Such as 512M.', min: LEAST_MEMORY }),
  max_memory: memoryLimitField(LEAST_MEMORY),
  cpus: amount({ title: 'Processors', help: 'Such as 0.5 or 2.' }),
  mounts: lines({
    title: 'Mounts',
    help: 'source:target or source:target:ro on each line; source is a folder of the host or a volume.',
  }),
  networks: lines({ title: 'Networks', help: 'Names, one on each line; or host.' }),
  hosts: lines({ title: 'Hosts', help: 'name:address on each line, for /etc/hosts.' }),
  ulimits: pairs({ title: 'Limits', help: 'name=soft:hard on each line, such as nofile=20000:20000.' }),
  init: flag({
    title: 'Init process',
    help: 'Reaps what jobs leave behind. Podman needs the package catatonit for it.',
    default: 'true',
  }),
  user: text({ title: 'User', help: 'As whom the container runs.' }),
  privileged: flag({ title: 'Privileged', help: 'The agent may do to the host whatever it likes.' }),
};

export type DockerCluster = Values<typeof clusterSchema>;
export type DockerProfile = Values<typeof profileSchema>;
