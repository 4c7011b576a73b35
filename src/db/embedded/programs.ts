/**
 * Which Postgres to run: the one that INGEST_POSTGRES_BIN names, npm's package, or one that is
 * installed on this machine; and of the version that the data is of, if there is data.
 */
import type { Environment } from "./environment.ts";
import { EmbeddedPostgresFailed } from "./postgres_failed.ts";
import { exists } from "./files.ts";
import { install } from "./install.ts";
import { binFolders, majorVersion } from "./installed.ts";
import { EMBEDDED_MAJOR } from "./package.ts";
import type { Place } from "./place.ts";

export interface Programs {
  /** Holds initdb, pg_ctl and postgres. */
  readonly bin: string;
  /** 18 */
  readonly major: number;
}

/** What works with older ones isn't tried. */
const OLDEST = 14;

/** Nobody else may be at it. Throws `EmbeddedPostgresFailed` if there is none. */
export async function findPrograms(
  place: Place,
  environment: Environment = Deno.env.toObject(),
): Promise<Programs> {
  const data = await dataVersion(place);
  const bin = environment.INGEST_POSTGRES_BIN;
  if (bin) return await named(bin, place, data);
  return await ours(place, data, environment) ?? await installed(place, data, environment);
}

async function dataVersion(place: Place): Promise<number | null> {
  const path = `${place.data}/PG_VERSION`;
  return await exists(path) ? Number((await Deno.readTextFile(path)).trim()) : null;
}

async function named(bin: string, place: Place, data: number | null): Promise<Programs> {
  const major = await majorVersion(bin, place);
  if (major !== null && major >= OLDEST) {
    if (data === null || major === data) return { bin, major };
    throw otherVersion(place, data, `INGEST_POSTGRES_BIN names one of ${major}`);
  }
  const found = major === null ? "there are no programs of a Postgres that run" : `it is ${major}`;
  throw new EmbeddedPostgresFailed(
    `Cannot start the embedded Postgres: INGEST_POSTGRES_BIN names ${bin}, and ${found}. Name ` +
      `the folder that holds initdb, pg_ctl and postgres, ${OLDEST} or newer, or set DATABASE_URL.`,
  );
}

/** npm's package, unless only another version can read the data. */
async function ours(
  place: Place,
  data: number | null,
  environment: Environment,
): Promise<Programs | null> {
  if (data !== null && data !== EMBEDDED_MAJOR) return null;
  const bin = await install(place, environment);
  return bin === null ? null : { bin, major: EMBEDDED_MAJOR };
}

/** The newest, unless only another version can read the data. */
async function installed(
  place: Place,
  data: number | null,
  environment: Environment,
): Promise<Programs> {
  const found: Programs[] = [];
  for (const bin of await binFolders(environment)) {
    const major = await majorVersion(bin, place);
    if (major !== null && major >= OLDEST) found.push({ bin, major });
  }
  found.sort((a, b) => b.major - a.major);
  const fits = found.find(({ major }) => data === null || major === data);
  if (fits !== undefined) return fits;
  if (data !== null) {
    const brings = data === EMBEDDED_MAJOR
      ? "that"
      : `this program brings ${EMBEDDED_MAJOR}, and ${data}`;
    throw otherVersion(place, data, `${brings} is not on this machine`);
  }
  throw new EmbeddedPostgresFailed(
    "Cannot start the embedded Postgres: there is none on this machine. Install one (Debian: " +
      `apt install postgresql), ${OLDEST} or newer, or name the folder with its initdb in ` +
      "INGEST_POSTGRES_BIN, or set DATABASE_URL.",
  );
}

function otherVersion(place: Place, data: number, why: string): EmbeddedPostgresFailed {
  return new EmbeddedPostgresFailed(
    `Cannot start the embedded Postgres: ${place.data} is of Postgres ${data}, ${why}. Install ` +
      `Postgres ${data}, or name the folder with its initdb in INGEST_POSTGRES_BIN, or move the ` +
      `data away to start afresh.`,
  );
}
