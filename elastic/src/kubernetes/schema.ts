import {
  commandField,
  memoryLimitField,
  requestTimeoutField,
  serverUrlField,
  stopGraceField,
} from '../sdk/common-fields.ts';
import { amount, bytes, code, flag, lines, pairs, secret, text } from '../sdk/field.ts';
import type { Values } from '../sdk/schema.ts';

export const clusterSchema = {
  kubernetes_cluster_url: text({
    title: 'API server',
    help: 'Such as https://10.0.0.1:6443. Default: the cluster in which this server runs, else the kubeconfig.',
  }),
  security_token: secret({
    title: 'Token',
    help: 'Of a service account that may get, list, watch, create and delete pods.',
  }),
  kubernetes_cluster_ca_cert: code({ title: 'CA certificate of the API server', help: 'PEM.' }),
  kubeconfig: text({ title: 'Kubeconfig', help: 'Absolute path of a file on the machine of the server.' }),
  kubeconfig_content: secret({ title: 'Content of a kubeconfig', help: 'Instead of a file.' }),
  context: text({ title: 'Context', help: 'Of the kubeconfig. Default: its current one.' }),
  namespace: text({ title: 'Namespace', default: 'default' }),
  server_url: serverUrlField('within a pod'),
  pod_template: code({
    title: 'Template of all pods',
    help: 'YAML of a Pod; profiles are laid over it. Containers and other lists of named things are joined by name.',
  }),
  labels: pairs({ title: 'Labels of all pods', help: 'name=value on each line.' }),
  request_timeout: requestTimeoutField('10s'),
  stop_grace: stopGraceField(),
};

export const profileSchema = {
  image: text({ title: 'Image', help: 'Of the container with the agent; may be in the pod instead.' }),
  command: commandField(),
  environment: pairs({
    title: 'Environment',
    help: 'NAME=value on each line, of the container with the agent.',
  }),
  reserved_memory: bytes({ title: 'Requested memory', help: 'Such as 512M.' }),
  max_memory: memoryLimitField(),
  reserved_cpus: amount({ title: 'Requested processors', help: 'Such as 0.5.' }),
  cpus: amount({ title: 'Limit of processors', help: 'Such as 2.' }),
  service_account: text({ title: 'Service account' }),
  node_selector: pairs({ title: 'Node selector', help: 'label=value on each line.' }),
  image_pull_secrets: lines({ title: 'Secrets to pull images with', help: 'Names, one on each line.' }),
  annotations: pairs({ title: 'Annotations', help: 'name=value on each line.' }),
  privileged: flag({ title: 'Privileged', help: 'The container may do to the node whatever it likes.' }),
  pod: code({ title: 'Pod', help: 'YAML of a Pod, laid over the template of the cluster.' }),
  agent_container: text({
    title: 'Container of the agent',
    help: 'Only it is given the registration key. Default: the one that is called agent, else the first.',
  }),
};

export type KubernetesCluster = Values<typeof clusterSchema>;
export type KubernetesProfile = Values<typeof profileSchema>;
