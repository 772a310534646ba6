import { serverUrlField } from '../sdk/common-fields.ts';
import { code, duration, flag, lines, pairs, secret, text, wholeNumber } from '../sdk/field.ts';
import type { Values } from '../sdk/schema.ts';

export const clusterSchema = {
  create_command: code({
    title: 'Command to create a machine',
    help: 'Run by sh; docs/elastic-providers.md says what it gets and answers.',
    required: true,
  }),
  list_command: code({ title: 'Command to list machines', required: true }),
  delete_command: code({ title: 'Command to delete a machine', required: true }),
  options: pairs({
    title: 'Options',
    help: 'name=value on each line; the commands get them as cluster.options.',
  }),
  environment: pairs({ title: 'Environment of the commands', help: 'NAME=value on each line.' }),
  secret_environment: secret({
    title: 'Secret environment of the commands',
    help: 'NAME=value on each line, such as the credentials of the cloud.',
  }),
  server_url: serverUrlField('the machines'),
  package_url: text({
    title: 'Package of go-agent',
    help: 'Address of a .deb or .tar.gz. Default: the image has it already.',
  }),
  package_sha256: text({ title: 'SHA-256 of the package' }),
  root_certificates: code({ title: "Certificates that the server's is signed by", help: 'PEM.' }),
  go_agent: text({
    title: 'Bootstrapper',
    help: 'Absolute path of go-agent or go-agent.mjs, which makes the user-data. Default: the one beside this plugin.',
  }),
  create_timeout: duration({ title: 'Time limit to create', default: '5m' }),
  list_timeout: duration({ title: 'Time limit to list', help: 'The server waits for 30s.', default: '20s' }),
  delete_timeout: duration({
    title: 'Time limit to delete',
    help: 'The server waits for 60s.',
    default: '50s',
  }),
  retries: wholeNumber({ title: 'Retries of list and delete', default: '2', max: 10 }),
  dry_run: flag({
    title: 'Dry run',
    help: 'Machines are listed; those that would be created or deleted are logged only.',
  }),
};

export const profileSchema = {
  options: pairs({
    title: 'Options',
    help: 'name=value on each line, such as machine type and image; the commands get them as profile.options.',
  }),
  resources: lines({ title: 'Resources', help: 'Not used for assignment; shown with the agent.' }),
};

export type CommandCluster = Values<typeof clusterSchema>;
export type CommandProfile = Values<typeof profileSchema>;
