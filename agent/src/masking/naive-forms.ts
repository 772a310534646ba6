// The oracle of the fuzz test: secrets written out by real encoders or by their rules, one form after the other, and replaced by
// plain search. It shares nothing with the masker, not even its way of thinking; only the rule which forms are looked for.

/** Latin1 strings of bytes. */
export interface NaiveForms {
  readonly all: readonly string[];
  readonly base64: readonly string[];
}

export function naiveForms(secrets: readonly string[]): NaiveForms {
  const values = secretParts(secrets);
  const base64 = [...new Set(values.flatMap(base64Forms))];
  return { all: [...new Set([...values.flatMap(escapedForms), ...base64])], base64 };
}

/** The secrets, without the line breaks at their ends, and their lines. */
export function secretParts(secrets: readonly string[]): string[] {
  return secrets.filter((secret) => secret.trim() !== '').flatMap(withParts);
}

function withParts(secret: string): string[] {
  const lines = /[\r\n]/.test(secret) ? secret.split(/[\r\n]+/).map((line) => line.trim()) : [];
  const long = lines.filter((line) => Buffer.from(line).length > 3 && /\p{L}|\p{N}/u.test(line));
  return [secret, secret.replace(/[\r\n]+$/, ''), ...long];
}

/** Forms by the encoder's name, so that a failure can say which. */
const ENCODERS: Readonly<Record<string, (value: string) => string>> = {
  plain: (value) => value,
  uri: encodeURIComponent,
  uriLower: (value) => encodeURIComponent(value).replace(/%../g, (escape) => escape.toLowerCase()),
  uriWhole: (value) => encodeURI(value),
  form: (value) => new URLSearchParams({ v: value }).toString().slice(2),
  userinfo: (value) => {
    const url = new URL('http://host');
    url.password = value;
    return url.password;
  },
  everyByte: (value) => Buffer.from(value).toString('hex').replace(/../g, '%$&').toUpperCase(),
  json: (value) => JSON.stringify(value).slice(1, -1),
  jsonSlash: (value) => JSON.stringify(value).slice(1, -1).replaceAll('/', '\\/'),
  gson: (value) =>
    JSON.stringify(value)
      .slice(1, -1)
      .replace(/[<>&'=]/g, unicodeEscape),
  jsonAscii: (value) =>
    JSON.stringify(value)
      .slice(1, -1)
      .replace(/[^\x20-\x7e]/g, unicodeEscape),
  dotnet: (value) =>
    JSON.stringify(value)
      .slice(1, -1)
      .replaceAll('\\"', '\\u0022')
      .replace(/[+&'<>`]|[^\x20-\x7e]/g, (char) => `\\u${unicodeEscape(char).slice(2).toUpperCase()}`),
  singleQuotes: (value) => value.replaceAll("'", "'\\''"),
  otherQuotes: (value) => value.replaceAll("'", `'"'"'`),
  doubleQuotes: (value) => value.replace(/["$`\\]/g, '\\$&'),
  ansiC: (value) => value.replace(/['\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r'),
  octal: (value) =>
    Buffer.from(value.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r'))
      .toString('latin1')
      .replace(/[\x80-\xff]/g, (byte) => `\\${byte.charCodeAt(0).toString(8)}`),
  printfQ: (value) => value.replace(/[ !"#$&'()*,;<>?[\\\]^`{|}~]/g, '\\$&'),
  xml: (value) => xmlEscape(value).replaceAll('"', '&quot;').replaceAll("'", '&apos;'),
  html: (value) => xmlEscape(value).replaceAll('"', '&#34;').replaceAll("'", '&#39;'),
  htmlPython: (value) => xmlEscape(value).replaceAll('"', '&quot;').replaceAll("'", '&#x27;'),
};

function escapedForms(value: string): string[] {
  const variants = Buffer.from(value).length > 3 ? lineBreakVariants(value) : [value];
  const encoders = Buffer.from(value).length > 3 ? Object.values(ENCODERS) : [(same: string) => same];
  return variants.flatMap((variant) =>
    encoders.map((encode) => Buffer.from(encode(variant)).toString('latin1')).filter((form) => form !== ''),
  );
}

function lineBreakVariants(value: string): string[] {
  const lines = value.split(/\r\n|\n|\r/);
  return [...new Set([value, lines.join('\n'), lines.join('\r\n')])];
}

/** Written between other bytes of two kinds: the characters that stay the same are the secret's. */
function base64Forms(value: string): string[] {
  if (Buffer.from(value).length < 4) return [];
  const found: string[] = [];
  for (const variant of lineBreakVariants(value)) {
    for (const before of [0, 1, 2]) {
      const [zeros, ones] = [0x00, 0xff].map((other) =>
        Buffer.concat([Buffer.alloc(before, other), Buffer.from(variant), Buffer.alloc(3, other)]).toString(
          'base64',
        ),
      );
      const [endZeros, endOnes] = [0x00, 0xff].map((other) =>
        Buffer.concat([Buffer.alloc(before, other), Buffer.from(variant)]).toString('base64'),
      );
      const middle = common(zeros ?? '', ones ?? '').replace(/=+$/, '');
      const atEnd = common(endZeros ?? '', endOnes ?? '');
      const ends = [atEnd, atEnd.replace(/=$/, ''), atEnd.replace(/=+$/, '')];
      found.push(...[middle, ...ends].filter((form) => form.replace(/=+$/, '').length >= 6));
    }
  }
  return found.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}

function common(one: string, other: string): string {
  return Array.from(one)
    .filter((char, index) => char === other[index])
    .join('');
}

/**
 * Replaces all of the forms, those that overlap together.
 * @param spans places that are to be replaced besides, as [start, end)
 */
export function naiveMask(
  text: string,
  forms: readonly string[],
  mask: string,
  spans: readonly [number, number][] = [],
): string {
  const covered = [...spans];
  for (const form of forms) {
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
      covered.push([at, at + form.length]);
  }
  covered.sort((a, b) => a[0] - b[0]);
  let out = '';
  let end = 0;
  for (const [from, to] of covered) {
    if (from >= end) out += text.slice(end, from) + mask;
    end = Math.max(end, to);
  }
  return out + text.slice(end);
}

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function xmlEscape(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
