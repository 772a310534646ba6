import { whyNotPlainZip } from '@go-agent/protocol/plain-zip';
import AdmZip from 'adm-zip';
import { expect, test } from 'vitest';

function zipOf(files: Readonly<Record<string, string>>): Buffer {
  const zip = new AdmZip();
  for (const [name, content] of Object.entries(files)) zip.addFile(name, Buffer.from(content));
  return zip.toBuffer();
}

const plain = zipOf({ 'a.txt': 'a'.repeat(200), 'b/c.txt': 'something else' });

/** A copy with some bytes changed; positions count from the start of the directory's first entry. */
function changed(change: (zip: Buffer, directory: number) => void): Buffer {
  const zip = Buffer.from(plain);
  change(zip, zip.readUInt32LE(zip.length - 6));
  return zip;
}

test('an ordinary zip is plain, an empty one too', () => {
  expect(whyNotPlainZip(plain)).toBeUndefined();
  expect(whyNotPlainZip(zipOf({}))).toBeUndefined();
});

const tricks: readonly [string, Buffer, RegExp][] = [
  ['nothing', Buffer.alloc(0), /does not end/],
  ['bytes after the end', Buffer.concat([plain, Buffer.from('more')]), /does not end/],
  ['a zip after the end', Buffer.concat([plain, zipOf({ 'x.txt': 'x' })]), /after its directory/],
  ['bytes before the first file', Buffer.concat([Buffer.from('#!/bin/sh\n'), plain]), /after its directory/],
  ['a comment', changed((zip) => zip.writeUInt16LE(3, zip.length - 2)), /does not end/],
  ['a truncated zip', plain.subarray(0, -1), /does not end/],
  ['an encrypted file', changed((zip, at) => zip.writeUInt16LE(1, at + 8)), /encrypted/],
  ['an unknown method', changed((zip, at) => zip.writeUInt16LE(12, at + 10)), /method 12/],
  ['a stored file with two sizes', changed((zip, at) => zip.writeUInt16LE(0, at + 10)), /two sizes/],
  ['a file that is elsewhere', changed((zip, at) => zip.writeUInt32LE(5, at + 42)), /not where/],
  ['two names for one file', changed((zip, at) => zip.write('z', at + 46)), /two names/],
  [
    'files that overlap',
    changed((zip, at) => zip.writeUInt32LE(zip.readUInt32LE(at + 20) + 5, at + 20)),
    /overlap/,
  ],
  [
    'a gap between files',
    changed((zip, at) => zip.writeUInt32LE(zip.readUInt32LE(at + 20) - 5, at + 20)),
    /between its files/,
  ],
  ['more files than there are', changed((zip) => zip.writeUInt16LE(3, zip.length - 12)), /damaged/],
  ['fewer files than there are', changed((zip) => zip.writeUInt16LE(1, zip.length - 12)), /another length/],
];
for (const [title, zip, reason] of tricks) {
  test(`${title}: not plain`, () => {
    expect(whyNotPlainZip(zip)).toMatch(reason);
  });
}

test('whatever byte is changed or cut off, it ends with an answer', () => {
  for (let at = 0; at < plain.length; at++) {
    const zip = Buffer.from(plain);
    zip.writeUInt8((zip.readUInt8(at) ^ 0xff) & 0xff, at);
    expect(() => whyNotPlainZip(zip)).not.toThrow();
    expect(whyNotPlainZip(plain.subarray(0, at))).toBeDefined();
  }
});
