import { isZip } from "../binary.ts";

/**
 * The first so many bytes of a file that is only looked at. Of a zip archive, such as a workbook, all
 * of them, since the list of what is in it comes last. `onCut`: there are more.
 */
export async function* firstBytes(
  file: AsyncIterable<Uint8Array>,
  bytes: number,
  onCut: () => void,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  let wanted = bytes;
  for await (const chunk of file) {
    if (at === 0 && isZip(chunk)) wanted = Infinity;
    const enough = wanted - at;
    if (chunk.length > enough) {
      onCut();
      if (enough > 0) yield chunk.subarray(0, enough);
      return;
    }
    at += chunk.length;
    yield chunk;
  }
}
