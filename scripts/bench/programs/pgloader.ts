/** Runs pgloader, which also checks rows and keeps the bad ones. */
import type { DataFile } from "../data/files.ts";
import type { BenchDatabase } from "../server.ts";
import { finished, type Load, measure, outputOf } from "./process.ts";

/** Its version, such as `3.6.7~devel`. Null if it isn't installed. */
export async function findPgloader(): Promise<string | null> {
  const output = await outputOf("pgloader", ["--version"]);
  return output === null ? null : /version "([^"]+)"/u.exec(output)?.[1] ?? output.trim();
}

/** Loads into the table and keeps its indexes. Throws if it fails, but not for rows left out. */
export async function loadWithPgloader(
  { config }: BenchDatabase,
  table: string,
  file: DataFile,
  temporary: string,
  signal: AbortSignal,
): Promise<Load> {
  const { columns } = file;
  const host = config.host.startsWith("/") ? `unix:${config.host}` : config.host;
  const user = encodeURIComponent(config.user);
  const password = config.password === null ? "" : `:${encodeURIComponent(config.password)}`;
  const server = `${user}${password}@${host}:${config.port}`;
  // Makes an empty field NULL, as \copy does. By default it would be an empty text.
  const fields = columns.map((name) => `${name} [null if blanks]`).join(", ");
  const command = `load csv
    from '${file.path}' (${fields})
    into postgresql://${server}/${config.database}?tablename=${table} (${columns.join(", ")})
    with skip header = 1, fields terminated by '${file.delimiter}',
         fields optionally enclosed by '"', fields escaped by double-quote;\n`;
  const path = `${temporary}/pgloader.load`;
  // It contains the server's password.
  await Deno.writeTextFile(path, command, { mode: 0o600 });
  const args = ["--quiet", "--root-dir", `${temporary}/pgloader`, path];
  return finished(await measure({ command: "pgloader", args }, signal), 0, "pgloader");
}
