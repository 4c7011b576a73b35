/** Flags and environment of this process, as commands want them: read once, and passed on. */
import { join } from "node:path";
import { type Config, type ConfigFlags, readConfig } from "../config/config.ts";
import { thisMachine } from "../config/machine.ts";
import {
  type DatabaseChoice,
  type DatabaseFlags,
  resolveDatabase,
} from "../config/resolve_database.ts";
import { installationId } from "../ledger/installation.ts";
import type { Ledger } from "../ledger/ledger.ts";

export interface Settings extends Config {
  /** Which database they name; only commands that need one ask. Throws UsageError. */
  chooseDatabase(isTerminal: boolean): DatabaseChoice;
}

/** Throws UsageError. */
export function readSettings(flags: ConfigFlags & DatabaseFlags = {}): Settings {
  const environment = Deno.env.toObject();
  const machine = thisMachine(environment);
  return Object.freeze({
    ...readConfig(flags, environment, machine),
    chooseDatabase: (isTerminal: boolean) =>
      resolveDatabase(flags, environment, isTerminal, machine),
  });
}

/** Where copies of sources go that can't be read in place: a folder for each database and schema. */
export async function spoolFolder(home: string, ledger: Ledger): Promise<string> {
  return join(home, "spool", await installationId(ledger));
}
