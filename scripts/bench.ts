/**
 * How fast files are loaded, beside what Postgres itself needs for the same: `psql \copy`.
 *
 *     scripts/deno task bench                     a million rows
 *     scripts/deno task bench --quick             100,000 rows, under a minute
 *     scripts/deno task bench --rows 300000 --rounds 5 --database-url postgres://…
 *
 * It judges no times, but fails if a table is not what `\copy` makes of the same file.
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Figure, renderFigures } from "./bench/figures.ts";
import { findPsql } from "./bench/loading.ts";
import { runRounds } from "./bench/rounds.ts";
import { openDatabase } from "./bench/server.ts";

const USAGE = "Usage: bench [--quick] [--rows 1000000] [--rounds 3] [--database-url postgres://…]";

async function main(args: readonly string[], signal: AbortSignal): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean" },
      rows: { type: "string" },
      rounds: { type: "string" },
      "database-url": { type: "string" },
    },
  });
  const rows = count(values.rows ?? (values.quick ? "100000" : "1000000"), "--rows");
  const rounds = count(values.rounds ?? (values.quick ? "2" : "3"), "--rounds");
  const psql = await findPsql();
  if (psql === null) {
    console.log("No psql on the PATH: without the comparison (Debian: postgresql-client).");
  }
  const dataFolder = join(tmpdir(), `ingest-bench-${Deno.uid() ?? "data"}`);
  await Deno.mkdir(dataFolder, { recursive: true });
  const temporary = await Deno.makeTempDir({ prefix: "ingest-bench-server-" });
  try {
    await using database = await openDatabase(values["database-url"] ?? null, temporary);
    const machine = {
      server: database.version,
      psql,
      deno: Deno.version.deno,
      cores: navigator.hardwareConcurrency,
    };
    console.log(Object.entries(machine).map(([name, what]) => `${name}: ${what}`).join(" · "));
    const figures = await runRounds({ database, signal }, {
      rows,
      rounds,
      psql: psql !== null,
      dataFolder,
      log: (line) => console.log(line),
    });
    console.log(`\n${renderFigures(figures)}\n`);
    console.log(`Written: ${await keep({ at: new Date().toISOString(), ...machine, figures })}`);
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

async function keep(result: { readonly at: string; readonly figures: readonly Figure[] }) {
  await Deno.mkdir("bench-results", { recursive: true });
  const path = `bench-results/${result.at.replaceAll(":", "-")}.json`;
  await Deno.writeTextFile(path, `${JSON.stringify(result, null, 2)}\n`);
  return path;
}

function count(text: string, option: string): number {
  const number = Number(text);
  if (/^\d+$/u.test(text) && number > 0) return number;
  throw new Error(`${option}: expected a whole number from 1, got "${text}"`);
}

/** What parseArgs throws. */
function isWrongUsage(error: unknown): boolean {
  return error instanceof TypeError && "code" in error &&
    String(error.code).startsWith("ERR_PARSE_ARGS");
}

// Ended by a signal, it still stops its server and removes its files.
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.addSignalListener(signal, () => stop.abort(new Error("interrupted")));
}
try {
  await main(Deno.args, stop.signal);
  Deno.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (isWrongUsage(error)) console.error(USAGE);
  Deno.exit(1);
}
