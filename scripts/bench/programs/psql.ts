/** Runs `psql \copy`, the yardstick of the benchmark. */
import { optionsOf } from "../copy_file.ts";
import type { DataFile } from "../data/files.ts";
import type { BenchDatabase } from "../server.ts";
import { finished, type Load, measure, outputOf } from "./process.ts";

/** Its version, such as `17.6`. Null if it isn't installed. */
export async function findPsql(): Promise<string | null> {
  const output = await outputOf("psql", ["--version"]);
  return output === null ? null : /\d+(?:\.\d+)*/u.exec(output)?.[0] ?? output.trim();
}

/** Loads into the table. Throws if it fails. */
export function copyInto(
  database: BenchDatabase,
  table: string,
  file: DataFile,
  signal: AbortSignal,
): Promise<Load> {
  return psql(database, [copy(table, file)], signal);
}

/** The same of a gzip file. */
export function copyUnpacked(
  database: BenchDatabase,
  table: string,
  file: DataFile,
  packed: string,
  signal: AbortSignal,
): Promise<Load> {
  const from = `program 'zcat ${packed}'`;
  return psql(database, [copy(table, file, from)], signal);
}

/** Loads into a temporary table, and from there into the real one, in one transaction. */
export function copyAndUpsert(
  database: BenchDatabase,
  file: DataFile,
  signal: AbortSignal,
): Promise<Load> {
  const changes = file.columns.filter((name) => name !== "email")
    .map((name) => `${name} = excluded.${name}`);
  return psql(database, [
    "begin",
    "create temp table incoming (like customers) on commit drop",
    copy("incoming", file),
    `insert into customers select * from incoming
       on conflict (email) do update set ${changes.join(", ")}`,
    "commit",
  ], signal);
}

/** Deletes the rows of customers whose keys are in this table. */
export function deleteByKey(
  database: BenchDatabase,
  keys: string,
  signal: AbortSignal,
): Promise<Load> {
  return psql(database, [
    `delete from customers using ${keys} where customers.id = ${keys}.id`,
  ], signal);
}

function copy(table: string, file: DataFile, from = `'${file.path}'`): string {
  return `\\copy ${table} (${file.columns.join(", ")}) from ${from} ${optionsOf(file)}`;
}

async function psql(
  database: BenchDatabase,
  commands: readonly string[],
  signal: AbortSignal,
): Promise<Load> {
  const args = [
    ...[database.url, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"],
    ...commands.flatMap((command) => ["--command", command]),
  ];
  return finished(await measure({ command: "psql", args }, signal), 0, "psql");
}
