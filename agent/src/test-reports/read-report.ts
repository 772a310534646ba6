import { createReadStream } from 'node:fs';
import { ReportCounter, type ReportMasker } from './report-counter.ts';
import type { ReportSummary } from './report-summary.ts';
import { XmlFault, XmlTokens } from './xml-tokens.ts';

export type ReadReport =
  | { readonly kind: 'report'; readonly summary: ReportSummary }
  | { readonly kind: 'not-a-report'; readonly reason: string }
  | { readonly kind: 'broken'; readonly reason: string };

/** Reads one report in pieces, whatever its size. Never rejects: a bad file is an answer, not an error. */
export async function readReport(
  file: { readonly path: string; readonly name: string },
  masker: ReportMasker,
): Promise<ReadReport> {
  const counter = new ReportCounter(file.name, masker);
  try {
    const tokens = new XmlTokens(counter);
    let decoder: TextDecoder | undefined;
    for await (const chunk of createReadStream(file.path) as AsyncIterable<Buffer>) {
      decoder ??= decoderFor(chunk);
      tokens.push(decoder.decode(chunk, { stream: true }));
    }
    tokens.push(decoder?.decode() ?? '');
    tokens.end();
  } catch (error) {
    if (error instanceof XmlFault)
      return { kind: counter.recognised ? 'broken' : 'not-a-report', reason: error.message };
    return { kind: 'broken', reason: error instanceof Error ? error.message : String(error) };
  }
  if (!counter.recognised) return { kind: 'not-a-report', reason: 'has no element of a test report' };
  return { kind: 'report', summary: counter.summary() };
}

/** By the byte order mark or the XML declaration; UTF-8 without. */
function decoderFor(start: Buffer): TextDecoder {
  if (start[0] === 0xff && start[1] === 0xfe) return new TextDecoder('utf-16le');
  if (start[0] === 0xfe && start[1] === 0xff) return new TextDecoder('utf-16be');
  const declared = /^[^<]*<\?xml[^>]*encoding\s*=\s*["']([\w.:-]+)["']/.exec(
    start.toString('latin1', 0, 200),
  )?.[1];
  try {
    return new TextDecoder(declared?.toLowerCase().startsWith('utf-16') ? 'utf-8' : (declared ?? 'utf-8'));
  } catch {
    return new TextDecoder();
  }
}
