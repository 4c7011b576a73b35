import type { Rewriting, Sample } from "../record_format.ts";

const LF = 0x0a, CR = 0x0d;

/** A copy of a file whose lines end with CR alone, in which they end with LF; null for all others. */
export function withLineFeeds({ bytes }: Sample): Rewriting | null {
  if (bytes.includes(LF) || !bytes.includes(CR)) return null;
  return {
    stream: () =>
      new TransformStream({
        transform: (chunk, to) => to.enqueue(chunk.map((byte) => byte === CR ? LF : byte)),
      }),
    notes: () => [],
  };
}
