/** Looks for the embedded server without using it: starts, creates and cleans up nothing. */
import type { DatabaseConfig } from "../../config/database_config.ts";
import { isReachable } from "./files.ts";
import { possiblePlaces } from "./place.ts";
import { configFor } from "./postgres_server.ts";
import { readPostmaster } from "./postmaster.ts";

/**
 * How to reach the server of this home; null if none is running. It may be starting, stopping or
 * dead: the caller finds out when it connects. Nor does it keep running for the caller.
 */
export async function lookForEmbedded(home: string): Promise<DatabaseConfig | null> {
  for (const place of possiblePlaces(home)) {
    const postmaster = await readPostmaster(place);
    if (postmaster === null) continue;
    const { socketFolder, port } = postmaster;
    return await configFor(place, socketFolder === "" ? "127.0.0.1" : socketFolder, port);
  }
  return null;
}

/** Was there ever a server in this home? */
export async function hasEmbeddedData(home: string): Promise<boolean> {
  for (const { data } of possiblePlaces(home)) if (await isReachable(data)) return true;
  return false;
}
