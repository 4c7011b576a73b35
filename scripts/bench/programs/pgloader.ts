/** pgloader, which checks rows and keeps the bad ones, too. */
import type { DataFile } from "../data/files.ts";
import type { BenchDatabase } from "../server.ts";
import { finished, type Load, measure, outputOf } from "./process.ts";

/** `3.6.7~devel`; null if there is none. */
export async function findPgloader(): Promise<string | null> {
  const output = await outputOf("pgloader", ["--version"]);
  return output === null ? null : /version "([^"]+)"/u.exec(output)?.[1] ?? output.trim();
}

/** Into the table as it is, its indexes kept. Throws if it fails; rows that it left out don't. */
export async function loadWithPgloader(
  { config }: BenchDatabase,
  table: string,
  file: DataFile,
  temporary: string,
  signal: AbortSignal,
): Promise<Load> {
  const columns = file.header.split(",");
  const host = config.host.startsWith("/") ? `unix:${config.host}` : config.host;
  const user = encodeURIComponent(config.user);
  const password = config.password === null ? "" : `:${encodeURIComponent(config.password)}`;
  const server = `${user}${password}@${host}:${config.port}`;
  // An empty field is NULL, as it is to \copy; without saying so it would be an empty text.
  const fields = columns.map((name) => `${name} [null if blanks]`).join(", ");
  const command = `load csv
    from '${file.path}' (${fields})
    into postgresql://${server}/${config.database}?tablename=${table} (${columns.join(", ")})
    with skip header = 1, fields terminated by ',',
         fields optionally enclosed by '"', fields escaped by double-quote;\n`;
  const path = `${temporary}/pgloader.load`;
  // It has the server's password in it.
  await Deno.writeTextFile(path, command, { mode: 0o600 });
  const args = ["--quiet", "--root-dir", `${temporary}/pgloader`, path];
  return finished(await measure({ command: "pgloader", args }, signal), 0, "pgloader");
}
