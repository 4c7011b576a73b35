/** The server's data folder: creates it, and writes its settings and password. */
import { EmbeddedPostgresFailed } from "./postgres_failed.ts";
import { exists } from "./files.ts";
import type { Place } from "./place.ts";
import type { Programs } from "./programs.ts";
import { run } from "./run_program.ts";

/** The database. */
export const EMBEDDED_DATABASE = "ingest";

/**
 * The role that owns everything. It must not have the same name as ingest's own schema: the default
 * search path begins with "$user", so a table created without a schema would end up in ours.
 */
export const EMBEDDED_ROLE = "postgres";

/**
 * The first version with the built-in locale provider. C.UTF-8 sorts by code point and knows
 * Unicode's letters; the built-in provider needs no locale from a library.
 */
const BUILTIN_LOCALE = 17;

/** Runs initdb unless there is data already. */
export async function initialise(place: Place, { bin, major }: Programs): Promise<void> {
  if (await exists(`${place.data}/PG_VERSION`)) return;

  const unfinished = `${place.data}.unfinished`;
  const passwordFile = `${place.root}/password.unfinished`;
  await Deno.remove(unfinished, { recursive: true }).catch(() => {});
  await makeOwnFolder(unfinished, place);
  await writePassword(place);
  await Deno.writeTextFile(passwordFile, await readPassword(place), { mode: 0o600 });
  try {
    if (place.runAs) await Deno.chown(passwordFile, place.runAs.uid, place.runAs.gid);
    await run(place, `${bin}/initdb`, [
      "--pgdata",
      unfinished,
      "--username",
      EMBEDDED_ROLE,
      "--auth=scram-sha-256",
      `--pwfile=${passwordFile}`,
      "--encoding=UTF8",
      ...(major >= BUILTIN_LOCALE ? ["--locale-provider=builtin"] : []),
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
      `Cannot read the password of the embedded Postgres in ${place.password}. Run as the user ` +
        `who started it, or set DATABASE_URL.`,
      { cause },
    );
  }
}

/** Writes the settings for this start of the server. */
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

/** Makes a folder that belongs to the server's user. */
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
