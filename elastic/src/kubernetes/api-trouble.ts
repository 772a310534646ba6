import { AppError, describeError } from '@go-agent/runtime/core';
import { ApiException } from '@kubernetes/client-node';

/** The HTTP status with which the API server refused; 0 if there was no answer. */
export function statusOf(error: unknown): number {
  if (error instanceof ApiException) return error.code;
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 0;
}

/** The API server's own words, without the framing of the library. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof ApiException)) return describeError(error);
  const body: unknown = error.body;
  const parsed = typeof body === 'string' ? parse(body) : body;
  const message = (parsed as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : `status ${error.code}`;
}

/** It may be different in a minute, unless the API server says that it is not allowed. */
export function apiTrouble(what: string, error: unknown): AppError {
  const status = statusOf(error);
  return new AppError(
    'elastic-kubernetes',
    `Kubernetes: ${what}${status === 0 ? '' : ` (${status})`}: ${wordsOf(error)}`,
    {
      retryable: isPassing(status),
    },
  );
}

/** No answer, too many requests, or the API server's own trouble. */
export function isPassing(status: number): boolean {
  return status === 0 || status === 429 || status >= 500;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
