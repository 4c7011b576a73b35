/** What may have been understood wrongly, in whole sentences: warnings of the run. */
import type { SourceRule } from "../../importer/source_rule.ts";
import type { Header, Sample } from "../record_format.ts";
import type { FixedFormat } from "./fixed_format.ts";
import { FixedReader } from "./reader.ts";

const TAB = 0x09;

export function doubtsOf(
  { bytes, isWhole }: Sample,
  format: FixedFormat,
  { dataStart, dataLine }: Header,
  { header }: SourceRule,
): string[] {
  // The last line may be cut off.
  const end = isWhole ? bytes.length : bytes.lastIndexOf(0x0a) + 1;
  const at = { offset: dataStart, line: dataLine, row: 1 };
  const reader = new FixedReader(bytes.subarray(dataStart, Math.max(dataStart, end)), format, at);
  const doubts: string[] = [];
  if (!reader.next()) return doubts;
  if (header !== true && isHeader(reader, format)) doubts.push(headerAt(reader.line));
  if (!reader.bytes.includes(TAB)) return doubts;
  do {
    const tabs = reader.bytes.subarray(reader.start, reader.end).includes(TAB);
    if (tabs) return [...doubts, tabsAt(reader.line)];
  } while (reader.next());
  return doubts;
}

/** Do its values look like the names of the columns? */
function isHeader(reader: FixedReader, { fields }: FixedFormat): boolean {
  const plain = (text: string) => text.toLowerCase().replace(/[\s_-]/gu, "");
  const same = fields.filter(({ name }, field) => plain(reader.text(field)) === plain(name));
  return same.length * 2 > fields.length;
}

function headerAt(line: number): string {
  return `Line ${line} looks like a header and is read as a row. If it is one, set ` +
    "`header: true` in the definition's source.";
}

function tabsAt(line: number): string {
  return `Line ${line} has a tab, which counts as one character. If columns are wrong, the file ` +
    "was perhaps meant to be separated by tabs (`format: tsv`), or an editor has put them there.";
}
