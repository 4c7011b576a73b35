/** A table to match a file's columns to. */
import { throws } from "node:assert/strict";
import { column, compile } from "./rows.ts";

export const TABLE = [
  column("id", "int4", { notNull: true, hasDefault: true }),
  column("email", "text", { notNull: true }),
  column("full_name"),
  column("updated_at", "timestamptz", { notNull: true, hasDefault: true }),
  column("search", "tsvector", { readonly: true }),
];

/** The columns that are filled. */
export function targets(pipeline: ReturnType<typeof compile>): string[] {
  return pipeline.programs.map(({ target }) => target);
}

/** Why a file with this header is refused. */
export function refusal(
  parts: Parameters<typeof compile>[0],
  header: readonly string[],
  message: string,
  columns = TABLE,
): void {
  throws(() => compile(parts, header, columns), { name: "HeaderMismatch", message });
}
