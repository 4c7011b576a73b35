/** The data folder: made once, then only looked after. */
import { EmbeddedPostgresFailed } from "./error.ts";
import { exists } from "./install.ts";
import { EMBEDDED_VERSION } from "./package.ts";
import type { Place } from "./place.ts";
import { run } from "./run.ts";

/** The database. */
export const EMBEDDED_DATABASE = "ingest";

/**
 * The role that owns everything. Not called as ingest's own schema is: the default search path
 * begins with "$user", and a table made without a schema would end up in ours.
 */
export const EMBEDDED_ROLE = "postgres";

/** Runs initdb unless there is data. `installed`: the folder with bin. */
export async function initialise(place: Place, installed: string): Promise<void> {
  if (await exists(`${place.data}/PG_VERSION`)) return await checkVersion(place);

  const unfinished = `${place.data}.unfinished`;
  const passwordFile = `${place.root}/password.unfinished`;
  await Deno.remove(unfinished, { recursive: true }).catch(() => {});
  await makeOwnFolder(unfinished, place);
  await writePassword(place);
  await Deno.writeTextFile(passwordFile, await readPassword(place), { mode: 0o600 });
  try {
    if (place.runAs) await Deno.chown(passwordFile, place.runAs.uid, place.runAs.gid);
    await run(place, `${installed}/bin/initdb`, [
      "--pgdata",
      unfinished,
      "--username",
      EMBEDDED_ROLE,
      "--auth=scram-sha-256",
      `--pwfile=${passwordFile}`,
      "--encoding=UTF8",
      "--locale-provider=builtin",
      "--locale=C.UTF-8",
      "--no-sync",
      "--no-instructions",
    ]);
  } finally {
    await Deno.remove(passwordFile).catch(() => {});
  }
  const conf = await Deno.open(`${unfinished}/postgresql.conf`, { append: true });
  await conf.write(new TextEncoder().encode("\ninclude 'ingest.conf'\n"));
  conf.close();
  await Deno.rename(unfinished, place.data);
}

export async function readPassword(place: Place): Promise<string> {
  try {
    return (await Deno.readTextFile(place.password)).trim();
  } catch (cause) {
    throw new EmbeddedPostgresFailed(
      `Cannot read ${place.password}, the embedded Postgres's password. Run as the user who ` +
        `started it, or set DATABASE_URL.`,
      { cause },
    );
  }
}

/** The server's own settings for this start. */
export async function writeSettings(
  place: Place,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const lines = Object.entries(settings).map(([name, value]) =>
    `${name} = '${value.replaceAll("'", "''")}'\n`
  );
  const path = `${place.data}/ingest.conf`;
  await Deno.writeTextFile(path, lines.join(""), { mode: 0o600 });
  if (place.runAs) await Deno.chown(path, place.runAs.uid, place.runAs.gid);
}

/** A folder that belongs to the server's user alone. */
export async function makeOwnFolder(path: string, place: Place, mode = 0o700): Promise<void> {
  await Deno.mkdir(path, { recursive: true });
  await Deno.chmod(path, mode);
  if (place.runAs) await Deno.chown(path, place.runAs.uid, place.runAs.gid);
}

async function writePassword(place: Place): Promise<void> {
  const random = crypto.getRandomValues(new Uint8Array(24));
  const password = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
  await Deno.remove(place.password).catch(() => {});
  await Deno.writeTextFile(place.password, `${password}\n`, { mode: 0o600, createNew: true });
}

async function checkVersion(place: Place): Promise<void> {
  const data = (await Deno.readTextFile(`${place.data}/PG_VERSION`)).trim();
  const program = EMBEDDED_VERSION.split(".")[0];
  if (data === program) return;
  throw new EmbeddedPostgresFailed(
    `Cannot start the embedded Postgres: ${place.data} is of Postgres ${data}, this program ` +
      `brings ${program}. Move the folder away to start afresh, or use the older program.`,
  );
}
