/** The beginning of a file in UTF-8, and where its data ends. */
import type { SourceRule } from "../importer/source_rule.ts";
import { SAMPLE_BYTES, utf8Marks } from "./encoding/encoding.ts";
import { findDataEnd } from "./file/padding.ts";
import { readUpTo } from "./file/range.ts";
import { type FileStat, statFile } from "./file/stat_file.ts";
import { findFooter } from "./footer.ts";
import { locateRecords, newlineOf, type SourceFormat } from "./format.ts";
import type { Sample, WantedNames } from "./record_format.ts";

export interface Beginning extends Sample, FileStat {
  /** Byte offset after the data, and what comes after it, in sentences. */
  readonly end: number;
  readonly notes: readonly string[];
}

/** `path`: a file in UTF-8. `known`: the format of a copy. `isCut`: not all of it is there. */
export async function readBeginning(
  path: string,
  rule: SourceRule,
  name: string,
  known: SourceFormat | null,
  isCut = false,
  wanted: WantedNames = [],
): Promise<Beginning> {
  const stat = await statFile(path, name);
  const { skip_footer = 0 } = rule;
  const data = await findDataEnd(path, stat.size);
  const footer = isCut || skip_footer === 0
    ? null
    : await findFooter(path, data.end, rule, known === null ? undefined : [newlineOf(known)]);
  const end = footer?.start ?? data.end;
  const notes = [data.note, footer?.note].filter((note) => typeof note === "string");
  const bytes = await readUpTo(path, 0, Math.min(SAMPLE_BYTES, end));
  const sample = {
    bytes,
    bomBytes: utf8Marks(bytes),
    isWhole: !isCut && bytes.length >= end,
    wanted,
  };
  const file = { path, name, end, isCut };
  const extent = known === null ? await locateRecords(sample, rule, file) : null;
  return { ...sample, extent, end: extent?.end ?? end, notes, ...stat };
}
