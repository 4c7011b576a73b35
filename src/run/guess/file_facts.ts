/** Reads all rows of a file to know what its columns hold. */
import { findNamed } from "../../importer/against_table/cut_name.ts";
import { FIELD_NULL } from "../../source/record.ts";
import { namesNulls, recordFormat } from "../../source/format.ts";
import type { ResolvedSource } from "../../source/resolved_source.ts";
import { FileReader } from "../supply/file_reader.ts";
import { type ColumnFacts, ColumnProfile, type Places } from "./column_profile.ts";
import { HashRoom, Repeats, type Uniqueness } from "./repeats.ts";

export interface FileFacts {
  readonly source: ResolvedSource;
  readonly rows: number;
  readonly columns: readonly ColumnFacts[];
  /** Rows that can't be read, by what is wrong with them. */
  readonly defects: ReadonlyMap<string, Places>;
  /** Rows that have fewer fields than the header. */
  readonly shortRows: Places | null;
  /** Columns that only some rows name, and that are not in the header. */
  readonly others: readonly string[];
  /** By the names of several columns: whether any row has the same values in all of them as another. */
  readonly together: readonly { readonly columns: readonly string[]; readonly found: Uniqueness }[];
}

const PIECE = { rows: 20_000, bytes: 2_000_000 };
const MOST_OTHERS = 1000;

/** `together`: columns of the table that may be a key together. Throws SourceError. */
export async function readFacts(
  source: ResolvedSource,
  together: readonly (readonly string[])[] = [],
  onRows: (rows: number) => void = () => {},
): Promise<FileFacts> {
  const { format, header } = source;
  const records = recordFormat(format, header);
  const room = new HashRoom();
  const columns = header.map((name) => new ColumnProfile(name, room));
  const named = header.map((name, field) => ({ name, field }));
  const keys = together.map((names) => ({
    names,
    fields: names.map((name) => findNamed(named, name)?.field ?? -1),
    repeats: new Repeats(room),
  }));
  const saysNulls = namesNulls(format);
  const defects = new Map<string, { count: number; lines: number[]; example: string }>();
  const others = new Set<string>();
  let rows = 0;
  const reader = await FileReader.open(source, null, PIECE);
  try {
    for (let piece = await reader.next(); piece !== null; piece = await reader.next()) {
      // The end of a record that is too long.
      if (piece.batch === null) continue;
      const at = { offset: 0, line: piece.line, row: rows + 1 };
      const record = records.reader(piece.bytes, at);
      while (record.next()) {
        rows++;
        const { line, fieldCount } = record;
        for (const name of record.others ?? []) {
          if (others.size < MOST_OTHERS) others.add(name);
        }
        const isShort = record.defect === null && fieldCount < columns.length;
        if (record.defect !== null || isShort || fieldCount > columns.length) {
          const what = isShort ? "short" : record.defect?.message ?? "too many fields";
          const places = defects.get(what) ?? { count: 0, lines: [], example: "" };
          places.count++;
          if (places.lines.length < 5) places.lines.push(line);
          if (defects.size < 20 || defects.has(what)) defects.set(what, places);
          if (!isShort) continue;
        }
        for (let field = 0; field < columns.length; field++) {
          const isNull = field >= fieldCount || (record.fieldFlags[field] & FIELD_NULL) !== 0;
          const isBlank = !isNull && record.fieldStart[field] === record.fieldEnd[field];
          const text = isNull || (isBlank && !saysNulls) ? "" : record.text(field).trim();
          if (text === "") columns[field].addEmpty(line);
          else columns[field].add(text, line);
        }
        for (const { fields, repeats } of keys) {
          if (!repeats.isLooking || fields.some((field) => field < 0 || field >= fieldCount)) {
            continue;
          }
          repeats.add(fields.map((field) => record.text(field).trim()).join("\u001f"), line);
        }
      }
      onRows(rows);
    }
  } finally {
    reader.close();
  }
  const { short = null, ...broken } = Object.fromEntries(defects);
  return {
    source,
    rows,
    columns: columns.map((column) => column.facts()),
    defects: new Map(Object.entries(broken)),
    shortRows: short,
    others: [...others].filter((name) => !header.includes(name)),
    together: keys.map(({ names, repeats }) => ({ columns: names, found: repeats.found })),
  };
}
