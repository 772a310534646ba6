export { AppError, type Clock, Secret } from '@go-agent/runtime/core';
export {
  amount,
  bytes,
  choice,
  code,
  duration,
  type Field,
  type FieldOptions,
  flag,
  lines,
  pairs,
  secret,
  text,
  wholeNumber,
} from './field.ts';
export { Label } from './labels.ts';
export {
  type AgentOrder,
  type Cluster,
  type CreateOutcome,
  defineProvider,
  type FoundAgent,
  type Provider,
  type Registration,
  type Tools,
} from './provider.ts';
export { registrationVariables } from './registration-variables.ts';
export { runPlugin } from './run-plugin.ts';
export type { FieldProblem, Fields, Values } from './schema.ts';
export { type PluginStreams, type ServeOptions, servePlugin } from './serve-plugin.ts';
