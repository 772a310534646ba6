import { setFlagsFromString } from 'node:v8';

let holders = 0;

/**
 * Until it is disposed of, V8 keeps the room for young objects as small as it is. Otherwise it doubles that whenever some of them were
 * in use at enough collections, up to three times 16 MiB: good for work that makes many objects and keeps them for a while. Output that
 * is carried makes strings that are done with at once, and those only fill whatever room there is.
 */
export function holdYoungHeap(): Disposable {
  holders += 1;
  if (holders === 1) grow(1);
  return {
    [Symbol.dispose]() {
      holders -= 1;
      if (holders === 0) grow(2);
    },
  };
}

/** @param factor V8's own is 2 */
function grow(factor: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`);
}
