/**
 * The fingerprint of a run's tables: a text that differs after each change to one of them, to what
 * belongs to it and to the types of its columns (`table_fingerprint` in the migrations).
 */
import { literal } from "../db/quoting.ts";
import type { Ledger } from "./ledger.ts";

/** SQL: null if one of the tables isn't there. `names`: as a definition writes them. */
export function fingerprint(ledger: Ledger, names: readonly string[]): string {
  return names.map((name) => `${ledger.schema}.table_fingerprint(to_regclass(${literal(name)}))`)
    .join(" || ' ' || ");
}

export async function readFingerprint(
  ledger: Ledger,
  names: readonly string[],
): Promise<string | null> {
  const [row] = await ledger.query<{ fingerprint: string | null }>(
    `select ${fingerprint(ledger, names)} as fingerprint`,
  );
  return row.fingerprint;
}
