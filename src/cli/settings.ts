/** Flags and environment of this process, as commands want them. */
import { join } from "node:path";
import { type Config, type ConfigFlags, readConfig } from "../config/config.ts";
import { thisMachine } from "../config/machine.ts";
import { installationId } from "../ledger/installation.ts";
import type { Ledger } from "../ledger/ledger.ts";

/** Throws UsageError. */
export function settings(flags: ConfigFlags = {}): Config {
  const environment = Deno.env.toObject();
  return readConfig(flags, environment, thisMachine(environment));
}

/** Who asks for a run, for its record; null if nothing tells. */
export function currentUser(): string | null {
  const { user } = settings();
  return user === "unknown" ? null : user;
}

/** Where copies of sources go that can't be read in place: a folder for each database and schema. */
export async function spoolFolder(ledger: Ledger): Promise<string> {
  return join(settings().home, "spool", await installationId(ledger));
}
