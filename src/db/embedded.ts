/**
 * A real Postgres that ships with the program or is found on the machine. It is initialised on
 * first use and keeps its data under INGEST_HOME. It runs while any process uses it. The last
 * process to leave stops it, unless `startEmbedded` asked it to stay. If that process is killed,
 * its watchdog stops the server instead.
 */
import type { DatabaseConfig } from "../config/database_config.ts";
import { initialise } from "./embedded/cluster.ts";
import { lockExclusively } from "./embedded/lock.ts";
import { findPlace, type Place } from "./embedded/place.ts";
import { findPrograms } from "./embedded/programs.ts";
import { findRunning, start, stop } from "./embedded/postgres_server.ts";
import { forgetOthers, isUsed, markUse, unmarkUse, untilNobodyStops } from "./embedded/users.ts";
import { watch, type Watchdog } from "./embedded/stop_when_killed.ts";

export { hasEmbeddedData, lookForEmbedded } from "./embedded/look.ts";
export { EmbeddedPostgresFailed } from "./embedded/postgres_failed.ts";

export interface EmbeddedDatabase {
  readonly config: DatabaseConfig;
  /** Stops the server if no other process uses it and it wasn't asked to stay. Call it once. */
  release(): Promise<void>;
}

export interface EmbeddedStatus {
  readonly running: boolean;
  /** It was asked to stay while no process uses it. */
  readonly stays: boolean;
  readonly dataFolder: string;
  /** Null if it isn't running. */
  readonly config: DatabaseConfig | null;
}

/**
 * Uses the server, and starts it if necessary (1.1 s the first time, then 0.12). If this call
 * starts it, `settings` go into its configuration. Throws `EmbeddedPostgresFailed`.
 */
export async function acquireEmbedded(
  home: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<EmbeddedDatabase> {
  const place = await findPlace(home);
  return await alone(place, async () => {
    // Before looking for the server, so that no watchdog stops it in between.
    const mark = await markUse(place);
    try {
      await untilNobodyStops(place);
      const config = await findRunning(place) ?? await bringUp(place, settings, mark);
      const watchdog = watch(place, mark);
      return { config, release: () => alone(place, () => leave(place, mark, watchdog)) };
    } catch (error) {
      await unmarkUse(place, mark);
      throw error;
    }
  });
}

/** Starts the server and lets it run until `stopEmbedded`. */
export async function startEmbedded(home: string): Promise<DatabaseConfig> {
  const place = await findPlace(home);
  return await alone(place, async () => {
    const mark = await markUse(place);
    try {
      await untilNobodyStops(place);
      const config = await findRunning(place) ?? await bringUp(place, {}, mark);
      await Deno.writeTextFile(keepPath(place), "");
      return config;
    } finally {
      await unmarkUse(place, mark);
    }
  });
}

/** False if it wasn't running. Processes that use it lose their connections. */
export async function stopEmbedded(home: string): Promise<boolean> {
  const place = await findPlace(home);
  return await alone(place, async () => {
    await Deno.remove(keepPath(place)).catch(ignoreNotFound);
    if (await findRunning(place) === null) return false;
    await bringDown(place);
    return true;
  });
}

/** Stops the server and deletes it with all its data. Meant for temporary homes. */
export async function removeEmbedded(home: string): Promise<void> {
  const place = await findPlace(home);
  await alone(place, async () => {
    if (await findRunning(place) !== null) await bringDown(place);
  });
  const remove = () => Deno.remove(place.root, { recursive: true });
  // The watchdog of a process that was killed may just make a file in there.
  await remove().catch(remove);
}

export async function embeddedStatus(home: string): Promise<EmbeddedStatus> {
  const place = await findPlace(home);
  return await alone(place, async () => {
    const config = await findRunning(place);
    const stays = await Deno.lstat(keepPath(place)).then(() => true, () => false);
    return { running: config !== null, stays, dataFolder: place.data, config };
  });
}

/** Makes commands that start at the same moment take turns. */
async function alone<T>(place: Place, work: () => Promise<T>): Promise<T> {
  const mutex = await lockExclusively(`${place.root}/lock`);
  try {
    return await work();
  } finally {
    mutex.release();
  }
}

async function bringUp(
  place: Place,
  settings: Readonly<Record<string, string>>,
  mark: string | null,
): Promise<DatabaseConfig> {
  await forgetOthers(place, mark);
  const programs = await findPrograms(place);
  await initialise(place, programs);
  return await start(place, programs.bin, settings);
}

async function bringDown(place: Place): Promise<void> {
  await stop(place, (await findPrograms(place)).bin);
}

async function leave(place: Place, mark: string, watchdog: Watchdog): Promise<void> {
  await watchdog.dismiss();
  await unmarkUse(place, mark);
  const stays = await Deno.lstat(keepPath(place)).then(() => true, () => false);
  if (!stays && !await isUsed(place)) await bringDown(place);
}

function keepPath(place: Place): string {
  return `${place.root}/keep`;
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
