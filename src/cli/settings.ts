/** Flags and environment of this process, as commands need them: read once, and passed on. */
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
  /** The database that they name. Only commands that need one call this. Throws UsageError. */
  chooseDatabase(isTerminal: boolean): DatabaseChoice;
  /** A variable of the environment, for those who fetch files from elsewhere. */
  variable(name: string): string | undefined;
}

/** Throws UsageError. */
export function readSettings(flags: ConfigFlags & DatabaseFlags = {}): Settings {
  const environment = Deno.env.toObject();
  const machine = thisMachine(environment);
  return Object.freeze({
    ...readConfig(flags, environment, machine),
    variable: (name: string) => environment[name],
    chooseDatabase: (isTerminal: boolean) =>
      resolveDatabase(flags, environment, isTerminal, machine),
  });
}

/**
 * The folder in a bucket for what has to be readable on all machines; null: there is none. Each
 * installation has its own, so that none removes what another needs.
 */
export async function bucketFolder(
  storage: string | null,
  ledger: Ledger,
): Promise<string | null> {
  return storage === null ? null : `${storage}/${await installationId(ledger)}`;
}

/** The folder, for this database and schema, for copies of sources that can't be read in place. */
export async function spoolFolder(home: string, ledger: Ledger): Promise<string> {
  return join(home, "spool", await installationId(ledger));
}
