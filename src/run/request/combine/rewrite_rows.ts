/** Writes a file's rows as another file of the run has them. */
import { SourceError } from "../../../source/error.ts";
import { recordFormat } from "../../../source/format.ts";
import type { ResolvedSource } from "../../../source/resolved_source.ts";
import { FileReader } from "../../supply/file_reader.ts";
import type { Layout } from "./layout.ts";

const PIECE = { rows: 10_000, bytes: 1_000_000 };

/**
 * The rows of a source in another layout, each on the line that it has in its file, as far as line
 * breaks in values allow. A row that can't be read stays one: its text is followed by more fields
 * than any row may have. Throws SourceError for a value that the layout can't hold.
 */
export async function* rewriteRows(
  source: ResolvedSource,
  layout: Layout,
  name: string,
): AsyncGenerator<Uint8Array> {
  const records = recordFormat(source.format, source.header);
  const target = recordFormat(layout.format, layout.header);
  const newline = newlineOf(layout);
  const fields = layout.header.map((column) => source.header.indexOf(column));
  const unreadable = layout.header.map(() => "?");
  const decoder = new TextDecoder();
  const reader = await FileReader.open(source, null, PIECE);
  let line = source.data_line;
  try {
    for (let piece = await reader.next(); piece !== null; piece = await reader.next()) {
      // The end of a record that is too long: what it begins with has been written.
      if (piece.batch === null) continue;
      const record = records.reader(piece.bytes, { offset: 0, line: piece.line, row: 1 });
      while (record.next()) {
        const values = record.defect === null
          ? fields.map((field) => field === -1 ? "" : record.text(field))
          : [decoder.decode(piece.bytes.subarray(record.start, record.end)), ...unreadable];
        const bytes = target.encode(values);
        if (bytes === null) throw cannotHold(name, record.line);
        const blank = Math.max(0, record.line - line);
        const row = new Uint8Array(blank + bytes.length + 1).fill(newline);
        row.set(bytes, blank);
        yield row;
        line += blank + 1 + count(bytes, newline);
      }
    }
  } finally {
    reader.close();
  }
}

/** The byte that ends a line. */
export function newlineOf({ format, header }: Layout): number {
  return recordFormat(format, header).delimited?.newline ?? 10;
}

function cannotHold(name: string, line: number): SourceError {
  return new SourceError(
    `Cannot import ${name} together with the other files: line ${line} has a value that needs ` +
      "quotes, and the first file has none. Import it by itself.",
  );
}

function count(bytes: Uint8Array, byte: number): number {
  let found = 0;
  for (let at = bytes.indexOf(byte); at !== -1; at = bytes.indexOf(byte, at + 1)) found++;
  return found;
}
