import { expect, test } from 'vitest';
import { readOffer } from './read-offer.ts';

const md5 = 'd41d8cd98f00b204e9800998ecf8427e';

for (const [status, header, type] of [
  [200, md5, 'offered'],
  [200, ` ${md5.toUpperCase()} `, 'offered'],
  [200, undefined, 'none'],
  [200, '1B2M2Y8AsgTpgAmY7PhCfg==', 'none'],
  [404, undefined, 'none'],
  [302, undefined, 'none'],
  [401, undefined, 'none'],
  [403, undefined, 'none'],
  [405, undefined, 'none'],
  [408, undefined, 'unknown'],
  [429, undefined, 'unknown'],
  [500, undefined, 'unknown'],
  [503, md5, 'unknown'],
] as const) {
  test(`status ${status} with MD5 ${header}: ${type}`, () => {
    expect(readOffer({ status, md5: header }).type).toBe(type);
  });
}
