/** What is read in another way in one file than in another. */
import { isDelimited, lineWord } from "../../../source/format.ts";
import type { ResolvedSource } from "../../../source/resolved_source.ts";

/** Each is a few words, as in `delimiter ;`. */
export function differences(first: ResolvedSource, other: ResolvedSource): string[] {
  const [ones, others] = [settingsOf(first), settingsOf(other)];
  return [...others].filter(([what, how]) => ones.get(what) !== how)
    .map(([what, how]) => `${what} ${how}`);
}

function settingsOf(source: ResolvedSource): ReadonlyMap<string, string> {
  const { encoding, format, header_line = null, unpacked } = source;
  const settings = new Map([["format", format.type], ["encoding", encoding]]);
  if (isDelimited(format)) {
    const { delimiter, quote = '"', newline } = format;
    const place = header_line === null ? "none" : `in ${lineWord(format)} ${header_line}`;
    settings.set("header", place);
    if (format.type === "xlsx") settings.set("sheet", format.sheet);
    else {
      settings.set("delimiter", delimiter === "\t" ? "tab" : delimiter);
      settings.set("quote", quote ?? "none");
      settings.set("line end", newline === "lf" ? "LF or CRLF" : "CR");
    }
  }
  // The name of a member tells nothing that isn't to be expected.
  settings.set("packed with", unpacked === undefined ? "nothing" : packingIn(unpacked));
  return settings;
}

/** In `unpacked with gzip`, or `a.csv, unpacked from a.zip`. */
function packingIn(unpacked: string): string {
  return /unpacked with (\w+)/u.exec(unpacked)?.[1] ?? "zip";
}
