/** What goes where, as a form of the page carries it. */
import { z } from "zod";
import type { PreviewReport } from "../../../report/preview_schema.ts";

const mappingSchema = z.record(z.string(), z.string().nullable());

type Columns = Readonly<z.infer<typeof mappingSchema>>;

/**
 * Lines of `column, tab, heading`: in JSON, the quotes alone would take as much room as the names of
 * 300 columns. Names that no line can hold make it JSON.
 */
export function writtenColumns(mapping: NonNullable<PreviewReport["mapping"]>): string {
  const filled = mapping.filter(({ from }) => from.length === 1);
  const isPlain = filled.every(({ column, from: [from] }) =>
    !/[\t\r\n]/u.test(column + from) && !column.startsWith("{")
  );
  return isPlain
    ? filled.map(({ column, from: [from] }) => `${column}\t${from}`).join("\n")
    : JSON.stringify(Object.fromEntries(filled.map(({ column, from: [from] }) => [column, from])));
}

/** Null: somebody has edited it. */
export function readColumns(text: string): Columns | null {
  if (text === "") return {};
  try {
    const columns: unknown = text.startsWith("{") ? JSON.parse(text) : Object.fromEntries(
      text.split(/\r?\n/u).map((line) => line.split("\t")),
    );
    const read = mappingSchema.safeParse(columns);
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
