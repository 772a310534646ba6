// A Kubernetes API server for pods alone, over real HTTP, that fails as it is told to.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What this server looks at of a pod. */
export interface ScriptedPod {
  readonly metadata?: {
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [other: string]: unknown;
  };
  readonly spec?: {
    readonly containers: readonly {
      readonly env?: readonly { readonly name: string; readonly value: string }[];
    }[];
  };
  readonly status?: { readonly phase: string };
}

interface Watcher {
  readonly response: ServerResponse;
  readonly labels: Readonly<Record<string, string>>;
}

type Kind = 'POST' | 'DELETE' | 'LIST' | 'GET' | 'WATCH';

interface Failure {
  readonly status: number;
  readonly message: string;
}

export class ScriptedApiServer implements AsyncDisposable {
  readonly pods = new Map<string, ScriptedPod>();
  /** `METHOD /path?query` of each request. */
  readonly requests: string[] = [];
  /** The Authorization header of the last request. */
  authorization: string | undefined;
  /** The next requests of a kind fail; `drop` closes the connection, `hang` never answers. */
  readonly failures = new Map<Kind, (Failure | 'drop' | 'hang')[]>();
  /** Pods run as soon as they are made. */
  eager = false;
  /** A pod that is deleted stays so long as this is true. */
  lingering = false;
  /** Lists are answered when this resolves, as they were when they were asked for. */
  listsWait: Promise<unknown> = Promise.resolve();
  #version = 100;
  readonly #watchers = new Set<Watcher>();
  readonly #hanging = new Set<ServerResponse>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  static async listen(): Promise<ScriptedApiServer> {
    const server = new ScriptedApiServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  /** Requests that are left without an answer, and whose connections are open still. */
  get unanswered(): number {
    return this.#hanging.size;
  }

  fail(kind: Kind, ...failures: (Failure | 'drop' | 'hang')[]): void {
    this.failures.set(kind, [...(this.failures.get(kind) ?? []), ...failures]);
  }

  setStatus(name: string, status: ScriptedPod['status']): void {
    const pod = this.pods.get(name);
    if (pod !== undefined) this.#put({ ...pod, ...(status === undefined ? {} : { status }) }, 'MODIFIED');
  }

  /** As by `kubectl delete`, or when a node is lost. */
  remove(name: string): void {
    const pod = this.pods.get(name);
    if (pod === undefined) return;
    this.pods.delete(name);
    this.#tell('DELETED', this.#versioned(pod));
  }

  /** Sends an event to each watch as it is. */
  tellAll(type: string, object: unknown): void {
    for (const { response } of this.#watchers) response.write(`${JSON.stringify({ type, object })}\n`);
  }

  /** Ends all watches, as the API server does after some minutes. */
  endWatches(how: 'end' | 'destroy'): void {
    for (const { response } of this.#watchers) {
      if (how === 'end') response.end();
      else response.destroy();
    }
    this.#watchers.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://x');
    const [, namespace = '', name] =
      /^\/api\/v1\/namespaces\/([^/]+)\/pods(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    this.authorization = request.headers.authorization;
    const watching = url.searchParams.get('watch') === 'true';
    if (this.#fails(kindOf(request.method, name, watching), request, response)) return;
    const labels = labelsOf(url.searchParams.get('labelSelector') ?? '');
    if (watching) return this.#watch(response, labels);
    if (request.method === 'POST')
      return this.#create(response, namespace, (await json(request)) as ScriptedPod);
    if (name === undefined) {
      const list = this.#list(labels);
      await this.listsWait;
      return send(response, 200, list);
    }
    const pod = this.pods.get(name);
    if (pod === undefined) return send(response, 404, problem(404, `pods "${name}" not found`));
    if (request.method === 'DELETE' && !this.lingering) this.remove(name);
    send(response, 200, pod);
  }

  #fails(kind: Kind, request: IncomingMessage, response: ServerResponse): boolean {
    const failure = this.failures.get(kind)?.shift();
    if (failure === 'drop') request.socket.destroy();
    else if (failure === 'hang') {
      this.#hanging.add(response);
      response.on('close', () => this.#hanging.delete(response));
    } else if (failure !== undefined)
      send(response, failure.status, problem(failure.status, failure.message));
    return failure !== undefined;
  }

  #create(response: ServerResponse, namespace: string, pod: ScriptedPod): void {
    const name = pod.metadata?.name ?? '';
    if (this.pods.has(name)) return send(response, 409, problem(409, `pods "${name}" already exists`));
    const made: ScriptedPod = {
      ...pod,
      metadata: {
        ...pod.metadata,
        namespace,
        uid: `uid-${++this.#version}`,
        creationTimestamp: '2026-01-01T00:00:00Z',
      },
      status: { phase: this.eager ? 'Running' : 'Pending' },
    };
    send(response, 201, this.#put(made, 'ADDED'));
  }

  #list(labels: Readonly<Record<string, string>>): object {
    const items = [...this.pods.values()].filter((pod) => bears(pod, labels));
    return { apiVersion: 'v1', kind: 'PodList', metadata: { resourceVersion: String(this.#version) }, items };
  }

  #watch(response: ServerResponse, labels: Readonly<Record<string, string>>): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const watcher = { response, labels };
    this.#watchers.add(watcher);
    response.on('close', () => this.#watchers.delete(watcher));
  }

  #put(pod: ScriptedPod, type: string): ScriptedPod {
    const versioned = this.#versioned(pod);
    this.pods.set(versioned.metadata?.name ?? '', versioned);
    this.#tell(type, versioned);
    return versioned;
  }

  #versioned(pod: ScriptedPod): ScriptedPod {
    return { ...pod, metadata: { ...pod.metadata, resourceVersion: String(++this.#version) } };
  }

  #tell(type: string, pod: ScriptedPod): void {
    for (const { response, labels } of this.#watchers) {
      if (bears(pod, labels)) response.write(`${JSON.stringify({ type, object: pod })}\n`);
    }
  }
}

function kindOf(method: string | undefined, name: string | undefined, watching: boolean): Kind {
  if (watching) return 'WATCH';
  return method === 'GET' && name === undefined ? 'LIST' : (method as Kind);
}

function bears(pod: ScriptedPod, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([name, value]) => pod.metadata?.labels?.[name] === value);
}

function labelsOf(selector: string): Record<string, string> {
  if (selector === '') return {};
  return Object.fromEntries(selector.split(',').map((part) => part.split('=') as [string, string]));
}

function problem(code: number, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function json(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
}
