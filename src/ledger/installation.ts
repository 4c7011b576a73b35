/** `installation`: identifies this database and schema among all that share a storage folder. */
import type { Ledger } from "./ledger.ts";

/** A UUID. It stays the same as long as the schema exists. */
export async function installationId(ledger: Ledger): Promise<string> {
  const [{ id }] = await ledger.query<{ id: string }>(
    `select id::text from ${ledger.schema}.installation`,
  );
  return id;
}
