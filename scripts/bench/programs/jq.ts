/** Runs `jq … | psql \\copy`, what people load JSON with. */
import type { DataFile } from "../data/files.ts";
import type { BenchDatabase } from "../server.ts";
import { finished, type Load, measure, outputOf } from "./process.ts";

/** Its version, such as `jq-1.7`. Null if it isn't installed. */
export async function findJq(): Promise<string | null> {
  return (await outputOf("jq", ["--version"]))?.trim() ?? null;
}

/** Loads NDJSON into the table. Throws if it fails. */
export async function copyFromJq(
  database: BenchDatabase,
  table: string,
  { path, columns }: DataFile,
  signal: AbortSignal,
): Promise<Load> {
  const fields = columns.map((name) => `.${name}`).join(",");
  const script = `set -e -o pipefail
    jq -r '[${fields}]|@csv' "$1" |
    psql "$2" --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --command "$3"`;
  const copy = `\\copy ${table} (${columns.join(", ")}) from stdin csv`;
  const args = ["-c", script, "jq", path, database.url, copy];
  return finished(await measure({ command: "bash", args }, signal), 0, "jq | psql");
}
