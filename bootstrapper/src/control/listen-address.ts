export interface ListenAddress {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** `127.0.0.1:8152`, `[::1]:8152`, or only the port, which then is one of this machine alone; undefined if it is none of these. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, , bracketed, plain, digits] =
    /^((?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):)?(\d{1,5})$/.exec(text.trim()) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return undefined;
  return { host: bracketed ?? plain ?? '127.0.0.1', port };
}
