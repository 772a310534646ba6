import { type StubAnswer, textAnswer } from './stub-answer.ts';
import type { StubRequest } from './stub-request.ts';

/** What goes wrong with a request. The first group happens instead of, the second group after, processing it. */
export type Fault =
  /** Waits, then goes on as if nothing was. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Never answers. */
  | { readonly kind: 'hang' }
  /** Closes the connection. */
  | { readonly kind: 'drop' }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'redirect'; readonly location: string }
  /** Processes the request and closes the connection: the answer is lost. */
  | { readonly kind: 'dropAfter' }
  /** The digest headers are those of another body. */
  | { readonly kind: 'wrongMd5' }
  /** Half of the body, then the connection is closed. */
  | { readonly kind: 'truncatedBody' }
  | { readonly kind: 'slowBody'; readonly bytesPerSecond: number }
  /** Bytes after bytes, until the client has had enough. */
  | { readonly kind: 'endlessBody' }
  /** As many bytes as there should be, but others. */
  | { readonly kind: 'garbageBody' };

export type FaultRule = Fault & {
  /** A string matches the end of the path. */
  readonly match: string | ((request: StubRequest) => boolean);
  /** Default 1. Infinity: until it is removed. */
  readonly times?: number;
};

export interface FaultHandle {
  /** How many requests it has hit. */
  readonly hits: number;
  remove(): void;
}

/** The faults to come. Of several that match, the one added first is used up first. */
export class FaultScript {
  readonly #rules: { rule: FaultRule; hits: number }[] = [];

  add(rule: FaultRule): FaultHandle {
    const entry = { rule, hits: 0 };
    this.#rules.push(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => {
        entry.rule = { ...rule, times: 0 };
      },
    };
  }

  next(request: StubRequest): Fault | null {
    const entry = this.#rules.find(({ rule, hits }) => hits < (rule.times ?? 1) && matches(rule, request));
    if (!entry) return null;
    entry.hits++;
    return entry.rule;
  }
}

function matches({ match }: FaultRule, request: StubRequest): boolean {
  return typeof match === 'string' ? request.path.endsWith(match) : match(request);
}

/** Instead of the answer that was to be. */
export function faultAnswer(fault: Extract<Fault, { kind: 'status' }>): StubAnswer {
  return textAnswer(fault.status, fault.body ?? '', fault.headers);
}
