export type UploadOutcome =
  | { readonly kind: 'done' }
  /** The server has no room. `size` in bytes. */
  | { readonly kind: 'denied'; readonly size: number }
  | { readonly kind: 'failed'; readonly message: string };

/** What a server that is there says to an upload. */
export type UploadVerdict = 'done' | 'denied' | 'refused' | 'again';

export function judgeUpload(status: number): UploadVerdict {
  if (status >= 200 && status < 300) return 'done';
  // Insufficient Storage is what a proxy or another server may say.
  if (status === 413 || status === 507) return 'denied';
  // A body that was cut on the way, a place from which it does not go on, content that is not what was announced.
  if (status >= 500 || status === 400 || status === 409 || status === 422) return 'again';
  return 'refused';
}
