/** The folder for what ingest itself keeps on this machine, from INGEST_HOME. */
import { resolve } from "node:path";

export function homeFolder(named: string | undefined): string {
  return resolve(named?.trim() || ".ingest");
}
