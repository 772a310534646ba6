export interface ConsoleLine {
  /** Two characters (agent-protocol 5); empty for a line without. */
  readonly tag: string;
  readonly text: string;
}

/** A job's console, without the times. */
export function consoleLines(console: string): ConsoleLine[] {
  return console
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => {
      const [, tag = '', text = line] = /^([^ |]{2})\|\d\d:\d\d:\d\d\.\d{3} (.*)$/s.exec(line) ?? [];
      return { tag, text };
    });
}
