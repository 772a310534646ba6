import { isInside } from './bundle-check.ts';
import { object, record } from './decode/compounds.ts';
import { type Decoder, decodeWith, fail } from './decode/decoder.ts';
import { integer, oneOf, string } from './decode/scalars.ts';
import { encodeWith } from './gson-json.ts';
import { type BundleManifest, BundleName } from './launch-contract.ts';

const sha256: Decoder<string> = (value, at) =>
  typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value)
    ? value.toLowerCase()
    : fail(at, 'a SHA-256 in hex', value);

const innerPath: Decoder<string> = (value, at) =>
  typeof value === 'string' && isInside(value) ? value : fail(at, 'a path inside the bundle', value);

const fileHashes = record(sha256);

const manifest: Decoder<BundleManifest> = object<BundleManifest>({
  name: oneOf(Object.values(BundleName)),
  version: string,
  contract: integer,
  entry: innerPath,
  files: (value, at) => {
    const files = fileHashes(value, at);
    return Object.keys(files).every(isInside) ? files : fail(at, 'paths inside the bundle only', value);
  },
});

/** `manifest.json` of a bundle. Whether the files are as it says is for the launcher to find out. */
export const decodeBundleManifest = decodeWith(manifest);
export const encodeBundleManifest = encodeWith(decodeBundleManifest);
