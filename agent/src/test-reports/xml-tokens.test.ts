import fc from 'fast-check';
import { expect, test } from 'vitest';
import { XmlFault, XmlTokens } from './xml-tokens.ts';

/** What the handler is told, neighbouring text joined; or the fault. */
function read(...pieces: string[]): unknown[] {
  const told: unknown[] = [];
  const tokens = new XmlTokens({
    open: (name, attributes) => told.push({ open: name, ...Object.fromEntries(attributes()) }),
    close: (name) => told.push({ close: name }),
    text: (piece) => {
      if (typeof told.at(-1) === 'string') told.push(`${String(told.pop())}${piece}`);
      else told.push(piece);
    },
  });
  try {
    for (const piece of pieces) tokens.push(piece);
    tokens.end();
  } catch (error) {
    if (!(error instanceof XmlFault)) throw error;
    told.push({ fault: error.message });
  }
  return told;
}

const DOCUMENT = `<?xml version="1.0"?>
<!-- <not> an element -->
<a one='1 > 0' two = "&lt;&#65;&#x42;&quot;" ><b/>text &amp; &#228;<![CDATA[<c>]]]]>&gt;<ns:d-e.f x="y"/></a >
<?after all?>
`;

test('tells elements, attributes and text', () => {
  expect(read(DOCUMENT)).toEqual([
    { open: 'a', one: '1 > 0', two: '<AB"' },
    { open: 'b' },
    { close: 'b' },
    'text & ä<c>]]>',
    { open: 'ns:d-e.f', x: 'y' },
    { close: 'ns:d-e.f' },
    { close: 'a' },
  ]);
});

test('tells the same however the document is cut', () => {
  const whole = read(DOCUMENT);
  expect(read(...DOCUMENT.split(''))).toEqual(whole);
  for (let at = 0; at <= DOCUMENT.length; at++)
    expect(read(DOCUMENT.slice(0, at), DOCUMENT.slice(at))).toEqual(whole);
});

test('answers any text with tokens or a fault', () => {
  const markup = fc.constantFrom(
    '<',
    '>',
    '/',
    'a',
    'b',
    '"',
    "'",
    '=',
    ' ',
    '&',
    ';',
    '#',
    'x',
    '1',
    '!',
    '[',
    ']',
    '-',
    '?',
    '\n',
  );
  fc.assert(
    fc.property(fc.string({ unit: markup, maxLength: 60 }), (text) => void read(text)),
    { numRuns: 5000 },
  );
});
