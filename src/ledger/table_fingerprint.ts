/**
 * The fingerprint of a target table: a text that differs after each change to the table, to what
 * belongs to it and to the types of its columns (`table_fingerprint` in the migrations).
 */
import { literal } from "../db/quoting.ts";
import type { Ledger } from "./ledger.ts";

/** SQL: null if there is no such table. `name`: as a definition writes it. */
export function fingerprint(ledger: Ledger, name: string): string {
  return `${ledger.schema}.table_fingerprint(to_regclass(${literal(name)}))`;
}

export async function readFingerprint(ledger: Ledger, name: string): Promise<string | null> {
  const [row] = await ledger.query<{ fingerprint: string | null }>(
    `select ${fingerprint(ledger, name)} as fingerprint`,
  );
  return row.fingerprint;
}
