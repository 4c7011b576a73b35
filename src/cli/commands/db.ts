/** `db …`: the embedded Postgres. */
import { describeDatabase, formatDatabaseUrl } from "../../config/resolve_database.ts";
import { acquireEmbedded, embeddedStatus, startEmbedded, stopEmbedded } from "../../db/embedded.ts";
import { Refused } from "../../run/request/refuse/refused.ts";
import { EXIT } from "../exit_codes.ts";
import type { CommonFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { readSettings } from "../settings.ts";

export async function dbStartCommand(flags: CommonFlags, output: Output): Promise<number> {
  const config = await startEmbedded(readSettings().home);
  const url = formatDatabaseUrl(config);
  if (flags.json) output.json({ data: { running: true, url } });
  else output.print(`Running: ${describeDatabase(config)}. Stop it: ingest db stop`);
  return EXIT.done;
}

export async function dbStopCommand(flags: CommonFlags, output: Output): Promise<number> {
  const stopped = await stopEmbedded(readSettings().home);
  if (flags.json) output.json({ data: { running: false, stopped } });
  else output.print(stopped ? "Stopped." : "It was not running.");
  return EXIT.done;
}

export async function dbStatusCommand(flags: CommonFlags, output: Output): Promise<number> {
  const { running, stays, dataFolder, config } = await embeddedStatus(readSettings().home);
  if (flags.json) {
    const url = config && formatDatabaseUrl(config);
    output.json({ data: { running, stays, data_folder: dataFolder, url } });
    return EXIT.done;
  }
  output.print(config === null ? "Not running." : `Running: ${describeDatabase(config)}`);
  output.print(`Data: ${dataFolder}`);
  if (running && !stays) output.print("It stops when no command uses it any more.");
  return EXIT.done;
}

export async function dbUrlCommand(flags: CommonFlags, output: Output): Promise<number> {
  const { config } = await embeddedStatus(readSettings().home);
  if (config === null) {
    throw new Refused(
      "Cannot print the URL: the embedded Postgres is not running. Start it: ingest db start",
    );
  }
  const url = formatDatabaseUrl(config);
  if (flags.json) output.json({ data: { url } });
  else output.print(url);
  return EXIT.done;
}

/** Returns psql's exit code. */
export async function dbPsqlCommand(args: readonly string[]): Promise<number> {
  const database = await acquireEmbedded(readSettings().home);
  try {
    const { host, port, user, database: name, password } = database.config;
    const psql = new Deno.Command("psql", {
      args: [...args],
      env: {
        PGHOST: host,
        PGPORT: String(port),
        PGUSER: user,
        PGDATABASE: name,
        PGPASSWORD: password ?? "",
      },
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    });
    const { code } = await psql.spawn().status;
    return code;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Refused(
      "Cannot open psql: it is not installed (Debian: apt install postgresql-client). " +
        "`ingest db url` prints the URL for other clients.",
      { cause: error },
    );
  } finally {
    await database.release();
  }
}
