/** From the server's thread to one that hashes. `id` is of a file. */
export type ToHasher =
  | { readonly type: 'open'; readonly id: number; readonly path: string }
  /** So many bytes are in the file now. */
  | { readonly type: 'grown'; readonly id: number; readonly size: number }
  /** Wanted: the digests of the first `size` bytes. */
  | { readonly type: 'digest'; readonly id: number; readonly size: number }
  | { readonly type: 'close'; readonly id: number };

export type FromHasher =
  | { readonly type: 'digests'; readonly id: number; readonly md5: string; readonly sha256: string }
  | { readonly type: 'failed'; readonly id: number; readonly message: string };
