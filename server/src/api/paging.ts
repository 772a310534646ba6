import { Halt } from '../http/halt.ts';

export interface PageQuery {
  readonly page_size?: string;
  readonly after?: string;
  readonly before?: string;
}

export interface Page {
  readonly size: number;
  readonly after?: number;
  readonly before?: number;
}

/** @throws Halt 400 (server-config-api 3.1, paging by cursor) */
export function parsePage(query: PageQuery): Page {
  const size = query.page_size === undefined ? 10 : count(query.page_size);
  if (size === undefined || size < 10 || size > 100) {
    throw Halt.message(
      400,
      "The query parameter 'page_size', if specified must be a number between 10 and 100.",
    );
  }
  return { size, ...cursor('after', query.after), ...cursor('before', query.before) };
}

/** The page's place among the others: links to older and newer ones, where there are any. */
export function pageLinks(
  url: string,
  ids: readonly number[],
  page: { readonly hasNewer: boolean; readonly hasOlder: boolean; readonly size: number },
): Record<string, { href: string }> {
  const [first] = ids;
  const last = ids.at(-1);
  const suffix = page.size === 10 ? '' : `&page_size=${page.size}`;
  return {
    ...(page.hasNewer && first !== undefined
      ? { previous: { href: `${url}?before=${first}${suffix}` } }
      : {}),
    ...(page.hasOlder && last !== undefined ? { next: { href: `${url}?after=${last}${suffix}` } } : {}),
  };
}

function cursor<Name extends string>(name: Name, text: string | undefined): { [key in Name]?: number } {
  if (text === undefined) return {};
  const value = count(text);
  if (value === undefined) {
    throw Halt.message(400, `The query parameter '${name}', if specified, must be a positive integer.`);
  }
  return { [name]: value } as { [key in Name]?: number };
}

function count(text: unknown): number | undefined {
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
