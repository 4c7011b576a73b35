/** The file that is imported, in each format. */
import { oneSheet, textRow } from "../../source/xlsx/workbook.ts";

export type ItemsFormat = "csv" | "json" | "xlsx" | "fixed" | "copy";

interface ItemsFile {
  readonly name: string;
  /** What the definition says of it. */
  readonly source: string;
  readonly content: (rows: readonly (readonly [id: number, v: number])[]) => string | Uint8Array;
}

export const FILES: Readonly<Record<ItemsFormat, ItemsFile>> = {
  csv: {
    name: "items.csv",
    source: "{}",
    content: (rows) => ["id,v", ...rows.map((row) => row.join(",")), ""].join("\n"),
  },
  json: {
    name: "items.json",
    source: "{}",
    content: (rows) => `[${rows.map(([id, v]) => JSON.stringify({ id, v })).join(",\n")}]`,
  },
  xlsx: {
    name: "items.xlsx",
    source: "{}",
    content: (rows) =>
      oneSheet(
        [textRow("id", "v"), ...rows.map(([id, v]) => textRow(String(id), String(v)))].join(""),
      ),
  },
  fixed: {
    name: "items.txt",
    source: "{ format: fixed, widths: { id: 6, v: 3 } }",
    content: (rows) =>
      rows.map(([id, v]) => String(id).padEnd(6) + String(v).padStart(3) + "\n").join(""),
  },
  copy: {
    name: "items.copy",
    source: "{ format: copy, header: [id, v] }",
    content: (rows) => rows.map((row) => row.join("\t") + "\n").join("") + "\\.\n",
  },
};
