/** The rows of a case as a file, in the notation that is simplest for what they hold. */
import { DEFAULT_SOURCE } from "../../importer/complete/complete_source.ts";
import type { CaseRow } from "../../importer/cases.ts";
import type { Definition } from "../../importer/definition.ts";
import type { SourceRule } from "../../importer/source_rule.ts";
import { wantedNames } from "../../importer/wanted_names.ts";
import { resolveSource } from "../../source/resolve.ts";
import type { ResolvedSource } from "../../source/resolved_source.ts";

/** `path`: where the file is written. Throws SourceError. */
export async function writeCaseFile(
  rows: readonly CaseRow[],
  definition: Definition,
  path: string,
  folder: string,
): Promise<ResolvedSource> {
  const { format } = definition.source;
  const isJson = format === "json" || format === "ndjson" ||
    rows.some((row) =>
      Object.values(row.in).some((cell) => typeof cell === "object" && cell !== null)
    );
  await Deno.writeTextFile(path, isJson ? asLines(rows) : asText(rows));
  const rule = sourceRule(definition.source, isJson ? "ndjson" : "csv");
  const how = { wanted: wantedNames(definition), name: path };
  const { source } = await resolveSource(path, rule, folder, how);
  return source;
}

/** What the definition says of values; how the file is cut into them is ours. */
function sourceRule(given: SourceRule, format: "csv" | "ndjson"): SourceRule {
  const { null_values, unquoted_nulls, empty_is_null } = given;
  return {
    ...{ ...DEFAULT_SOURCE, format, null_values, unquoted_nulls, empty_is_null },
    ...format === "csv" && { delimiter: ",", quote: '"', skip_empty_rows: false },
    encoding: "utf-8",
  };
}

function asLines(rows: readonly CaseRow[]): string {
  return rows.map((row) => `${JSON.stringify(row.in)}\n`).join("");
}

function asText(rows: readonly CaseRow[]): string {
  const header = [...new Set(rows.flatMap((row) => Object.keys(row.in)))];
  const lines = rows.map((row) => header.map((name) => cell(row.in[name])).join(","));
  return `${[header.map(cell).join(","), ...lines].join("\n")}\n`;
}

/** An empty cell without quotes, if there is no value. */
function cell(value: unknown): string {
  return value === undefined || value === null ? "" : `"${String(value).replaceAll('"', '""')}"`;
}
