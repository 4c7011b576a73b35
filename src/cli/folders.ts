/** Where things are kept on this machine. */
import { join, resolve } from "node:path";

/** Everything of ours: the embedded Postgres, spooled files. */
export function ingestHome(): string {
  return resolve(Deno.env.get("INGEST_HOME") || ".ingest");
}

/** Copies of sources that can't be read in place. */
export function spoolFolder(): string {
  return join(ingestHome(), "spool");
}
