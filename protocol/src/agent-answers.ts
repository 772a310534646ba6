import { DecodeError } from './decode/decode-error.ts';
import { fail, kindOf } from './decode/decoder.ts';
import { ROOT } from './decode/place.ts';

/** Reference 4.6. */
export const AGENT_INSTRUCTIONS = ['NONE', 'CANCEL', 'KILL_RUNNING_TASKS'] as const;
export type AgentInstruction = (typeof AGENT_INSTRUCTIONS)[number];

/** A word as lenient Gson reads it: bare or in quotes. */
const WORD = /^\s*(?:"([\w-]*)"|([\w-]+))\s*$/;

function word(body: string, expected: string): string {
  const match = WORD.exec(body);
  const text = match?.[1] ?? match?.[2];
  if (text === undefined || text === '') throw new DecodeError('$', expected, kindOf(body));
  return text;
}

function text(body: unknown, expected: string): string {
  return typeof body === 'string' ? body : fail(ROOT, expected, body);
}

/**
 * Answer of `ping` (reference 4.1). A word that we do not know is no instruction, hence `NONE`; a body that is no word
 * at all (a proxy's page, an empty body) is no answer to a ping and throws {@link DecodeError}.
 */
export function decodeInstructionBody(body: unknown): AgentInstruction {
  const found = word(text(body, 'an instruction'), 'an instruction');
  return AGENT_INSTRUCTIONS.find((instruction) => instruction === found) ?? 'NONE';
}

/** A JSON string. */
export function encodeInstructionBody(instruction: AgentInstruction): string {
  return JSON.stringify(instruction);
}

/**
 * Answer of `get_cookie`: raw text, of which only white space around it and one pair of quotes are taken off
 * (reference 10.2 no. 3). Empty, more than one line or longer than 1000 characters: {@link DecodeError}.
 */
export function decodeCookieBody(body: unknown): string {
  const expected = 'a cookie of one line';
  const trimmed = text(body, expected).trim();
  const cookie = /^"(.*)"$/.exec(trimmed)?.[1] ?? trimmed;
  if (cookie === '' || cookie.length > 1000 || /[\p{Cc}<>"]/u.test(cookie)) {
    throw new DecodeError('$', expected, cookie === '' ? kindOf('') : 'another text');
  }
  return cookie;
}

/** Bare, without quotes. */
export function encodeCookieBody(cookie: string): string {
  return cookie;
}

/**
 * Answer of `is_ignored`. The stock agent takes whatever is not `true` for false (reference 4.1); here only `false`
 * is false, so that an answer which is none does not look like "go on".
 */
export function decodeIsIgnoredBody(body: unknown): boolean {
  const expected = 'true or false';
  const found = word(text(body, expected), expected).toLowerCase();
  if (found === 'true') return true;
  if (found === 'false') return false;
  throw new DecodeError('$', expected, 'another word');
}

/** Bare, without white space (reference 10.3 no. 17). */
export function encodeIsIgnoredBody(ignored: boolean): string {
  return String(ignored);
}
