/**
 * Decides which Postgres to run: the one that INGEST_POSTGRES_BIN names, npm's package, or one that
 * is installed on this machine. If there is data already, the version must be the data's.
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
  /** Such as 18. */
  readonly major: number;
}

/** Nothing was tested with older versions. */
const OLDEST = 14;

/** The caller holds the place's lock. Throws `EmbeddedPostgresFailed` if there is no Postgres. */
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
    throw otherVersion(place, data, `but INGEST_POSTGRES_BIN names Postgres ${major}`);
  }
  const found = major === null
    ? `there is no Postgres in ${bin} that can be run`
    : `the Postgres in ${bin} is version ${major}`;
  throw new EmbeddedPostgresFailed(
    `Cannot start the embedded Postgres: ${found}. Set INGEST_POSTGRES_BIN to a folder that ` +
      `holds initdb, pg_ctl and postgres, version ${OLDEST} or newer, or set DATABASE_URL.`,
  );
}

/** npm's package, unless the data needs another version. */
async function ours(
  place: Place,
  data: number | null,
  environment: Environment,
): Promise<Programs | null> {
  if (data !== null && data !== EMBEDDED_MAJOR) return null;
  const bin = await install(place, environment);
  return bin === null ? null : { bin, major: EMBEDDED_MAJOR };
}

/** The newest one, unless the data needs another version. */
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
    throw otherVersion(
      place,
      data,
      data === EMBEDDED_MAJOR
        ? "which is not on this machine"
        : `but this program brings Postgres ${EMBEDDED_MAJOR}, and ${data} is not on this machine`,
    );
  }
  throw new EmbeddedPostgresFailed(
    "Cannot start the embedded Postgres: there is none on this machine. Install Postgres " +
      `${OLDEST} or newer (Debian: apt install postgresql), or set INGEST_POSTGRES_BIN to the ` +
      "folder that holds its initdb, or set DATABASE_URL.",
  );
}

function otherVersion(place: Place, data: number, why: string): EmbeddedPostgresFailed {
  return new EmbeddedPostgresFailed(
    `Cannot start the embedded Postgres: the data in ${place.data} needs Postgres ${data}, ` +
      `${why}. Install Postgres ${data}, or set INGEST_POSTGRES_BIN to the folder that holds its ` +
      `initdb, or move the data away to start afresh.`,
  );
}
