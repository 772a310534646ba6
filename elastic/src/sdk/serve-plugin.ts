// JSON-RPC 2.0 over the plugin's standard input and output.
import type { Readable, Writable } from 'node:stream';
import {
  decodeAgentEventParams,
  decodeAssignWorkParams,
  decodeClustersChangedParams,
  decodeInitializeParams,
  decodeJobCancelledParams,
  decodeJobFinishedParams,
  decodeJobRescheduledParams,
  decodeListInstancesParams,
  decodeStartAgentsParams,
  decodeStatusReportParams,
  decodeStopAgentParams,
  decodeTickParams,
  decodeValidateParams,
  PluginMethod,
} from '@go-agent/protocol/elastic';
import { AppError, type Clock, describeError, systemClock } from '@go-agent/runtime/core';
import {
  createMessageConnection,
  ErrorCodes,
  type MessageConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { lineLog, masked } from './log.ts';
import { Plugin } from './plugin.ts';
import type { Provider } from './provider.ts';
import type { Fields } from './schema.ts';
import { SecretBook } from './secret-book.ts';
import { serverLink } from './server-link.ts';

export interface PluginStreams {
  readonly input: Readable;
  readonly output: Writable;
  /** The standard error: one line of text at a time. */
  readonly errors: { write(line: string): unknown };
}

export interface ServeOptions {
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** Answers a server until it hangs up, then lets go of all clusters. The agents go on. */
export async function servePlugin<CF extends Fields, PF extends Fields, K>(
  provider: Provider<CF, PF, K>,
  { input, output, errors }: PluginStreams,
  { clock = systemClock, random = Math.random }: ServeOptions = {},
): Promise<void> {
  const connection = createMessageConnection(new StreamMessageReader(input), new StreamMessageWriter(output));
  const stop = new AbortController();
  const secrets = new SecretBook();
  const log = lineLog(
    (line) => errors.write(line),
    () => secrets.list(),
  );
  const ready = new Ready<Plugin<CF, PF, K>>();
  const answer = <P, R>(
    method: string,
    decode: (params: unknown) => P,
    work: (params: P) => R | Promise<R>,
  ) => {
    connection.onRequest(method, async (params: unknown): Promise<unknown> => {
      try {
        return (await work(decode(params))) ?? null;
      } catch (error) {
        const message = masked(describeError(error), secrets.list());
        log('error', `${method} has failed: ${message}`);
        return new ResponseError(ErrorCodes.InternalError, message);
      }
    });
  };
  answer(PluginMethod.initialize, decodeInitializeParams, (params) => {
    const plugin = new Plugin(provider, {
      clock,
      random,
      log,
      secrets,
      server: serverLink(connection),
      serverId: params.serverId,
      dataFolder: params.dataFolder,
      stop: stop.signal,
    });
    const result = plugin.initialize(params);
    ready.set(plugin);
    return result;
  });
  answerAll(answer, ready);

  const closed = Promise.withResolvers<void>();
  connection.onClose(() => closed.resolve());
  connection.onError(([error]) => log('error', 'the connection to the server is broken', error));
  input.on('end', () => closed.resolve());
  output.on('error', () => closed.resolve());
  connection.listen();
  await closed.promise;
  stop.abort(new Error('The server has hung up'));
  await ready.plugin?.[Symbol.asyncDispose]();
  dispose(connection);
}

type Answer = <P, R>(
  method: string,
  decode: (params: unknown) => P,
  work: (params: P) => R | Promise<R>,
) => void;

function answerAll<CF extends Fields, PF extends Fields, K>(
  answer: Answer,
  ready: Ready<Plugin<CF, PF, K>>,
): void {
  answer(PluginMethod.validate, decodeValidateParams, (params) => ready.get().validate(params));
  answer(PluginMethod.assignWork, decodeAssignWorkParams, (params) =>
    ready.get().desk(params.cluster.id).assignWork(params),
  );
  answer(PluginMethod.startAgents, decodeStartAgentsParams, (params) =>
    ready.get().desk(params.cluster.id).startAgents(params),
  );
  answer(PluginMethod.stopAgent, decodeStopAgentParams, (params) =>
    ready.get().desk(params.cluster.id).stopAgent(params),
  );
  answer(PluginMethod.listInstances, decodeListInstancesParams, ({ clusters }) =>
    ready.get().listInstances(clusters),
  );
  answer(PluginMethod.statusReport, decodeStatusReportParams, (params) => ready.get().statusReport(params));
  answer(PluginMethod.clustersChanged, decodeClustersChangedParams, ({ clusters }) =>
    ready.get().clustersChanged(clusters),
  );
  answer(PluginMethod.tick, decodeTickParams, ({ clusters }) =>
    ready.get().clustersChanged(clusters.map(({ cluster }) => cluster)),
  );
  const jobLeft = (clusterId: string, jobId: number) => ready.get().deskOf(clusterId)?.jobLeft(jobId);
  answer(PluginMethod.jobFinished, decodeJobFinishedParams, ({ clusterId, job }) =>
    jobLeft(clusterId, job.jobId),
  );
  answer(PluginMethod.jobCancelled, decodeJobCancelledParams, ({ clusterId, job }) =>
    jobLeft(clusterId, job.jobId),
  );
  answer(PluginMethod.jobRescheduled, decodeJobRescheduledParams, ({ clusterId, job }) =>
    jobLeft(clusterId, job.jobId),
  );
  answer(PluginMethod.agentEvent, decodeAgentEventParams, ({ clusterId, agentId, event, reason }) => {
    const desk = ready.get().deskOf(clusterId);
    if (event === 'registered' || event === 'idle' || event === 'building') desk?.agentRegistered(agentId);
    if (event === 'registration-failed') desk?.agentGone(agentId, reason ?? 'it could not register');
    if (event === 'gone') desk?.agentGone(agentId);
  });
}

/** What exists only once the server has said who it is. */
class Ready<P> {
  plugin: P | null = null;

  set(plugin: P): void {
    this.plugin = plugin;
  }

  get(): P {
    if (this.plugin !== null) return this.plugin;
    throw new AppError('elastic-profile', 'The server must send initialize first');
  }
}

function dispose(connection: MessageConnection): void {
  try {
    connection.dispose();
  } catch {
    // It has disposed of itself.
  }
}
