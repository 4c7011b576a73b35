/** One load of one file by one of the two programs, measured and checked. */
import { fileURLToPath } from "node:url";
import { RUNTIME_FLAGS } from "../runtime_flags.ts";
import type { DataFile } from "./data.ts";
import { HEADER, INVALID_IN_SQL } from "./data.ts";
import { measure, type Measured } from "./process.ts";
import type { BenchDatabase } from "./server.ts";

export interface Load {
  readonly seconds: number;
  readonly peakMegabytes: number | null;
}

/** How many rows a run is to report as what; the others are 0. */
export interface Expected {
  readonly created: number;
  readonly skipped: number;
  readonly failed: number;
}

export interface Loader {
  readonly database: BenchDatabase;
  readonly signal: AbortSignal;
}

/** Null if there is no psql. */
export async function findPsql(): Promise<string | null> {
  try {
    const { success, stdout } = await new Deno.Command("psql", { args: ["--version"] }).output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** `psql \copy`, the whole process. Throws if it fails. */
export async function loadWithCopy({ database, signal }: Loader, file: DataFile): Promise<Load> {
  const command = `\\copy customers (${HEADER}) from '${file.path}' with (format csv, header)`;
  const args = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command", command];
  const program = { command: "psql", args: [database.url, ...args] };
  return finished(await measure(program, signal), 0, "psql \\copy");
}

/** `ingest run`, the whole process. Throws if it fails or counts otherwise than expected. */
export async function loadWithIngest(
  { database, signal }: Loader,
  importer: "insert" | "upsert",
  file: DataFile,
  expected: Expected,
): Promise<Load> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const importers = fileURLToPath(new URL("importers", import.meta.url));
  const measured = await measure({
    command: Deno.execPath(),
    args: [
      ...["run", ...RUNTIME_FLAGS, `--config=${root}deno.json`, `${root}main.ts`],
      ...["run", importer, "--file", file.path, "--importers", importers],
      ...["--database-url", database.url, "--json", "--quiet"],
    ],
  }, signal);
  const load = finished(measured, expected.failed > 0 ? 3 : 0, "ingest run");
  const { data } = JSON.parse(measured.stdout);
  for (const [name, count] of Object.entries({ ...expected, updated: 0 })) {
    if (data.progress[name] === count) continue;
    throw new Error(`ingest run: ${data.progress[name]} rows ${name}, expected ${count}`);
  }
  return load;
}

function finished(measured: Measured, exitCode: number, what: string): Load {
  const { seconds, peakMegabytes } = measured;
  if (measured.exitCode === exitCode) return { seconds, peakMegabytes };
  throw new Error(
    `${what} ended with ${measured.exitCode}, expected ${exitCode}: ` +
      (measured.stderr + measured.stdout).trim().split("\n").slice(-5).join("\n"),
  );
}

/** Says which rows are in the table, whatever their order. `valid`: of the valid rows only. */
export async function checksum({ session }: BenchDatabase, valid: boolean): Promise<string> {
  const where = valid ? `where not (${INVALID_IN_SQL})` : "";
  const [{ found }] = await session.query<{ found: string }>(
    `select count(*) || ' rows, ' || coalesce(sum(hashtextextended(c::text, 0)), 0) as found
       from customers c ${where}`,
  );
  return found;
}
