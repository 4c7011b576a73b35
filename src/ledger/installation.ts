/** `installation`: which database and schema this is, among all that may share one storage. */
import type { Ledger } from "./ledger.ts";

/** A UUID; it stays the same for as long as the schema is there. */
export async function installationId(ledger: Ledger): Promise<string> {
  const [{ id }] = await ledger.query<{ id: string }>(
    `select id::text from ${ledger.schema}.installation`,
  );
  return id;
}
