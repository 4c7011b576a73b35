/**
 * Tells listening processes that there may be work. They also poll now and then; this saves them
 * the wait. Never in a batch's transaction: transactions that notify commit one after the other in
 * the whole server.
 */
import { createHash } from "node:crypto";
import { literal } from "../db/quoting.ts";
import type { Ledger } from "./ledger.ts";

/** In bytes. Postgres refuses longer channel names. */
const LONGEST = 63;

/** The channel of ingest's schema in the database. A schema's name may be just as long. */
export function workChannel(schemaName: string): string {
  const channel = `ingest_work_${schemaName}`;
  if (new TextEncoder().encode(channel).length <= LONGEST) return channel;
  return `ingest_work_${createHash("sha256").update(schemaName).digest("hex").slice(0, 32)}`;
}

/** SQL for a part of the statement that creates the work: both happen, or neither. */
export function notification(ledger: Ledger): string {
  return `pg_notify(${literal(workChannel(ledger.schemaName))}, '')`;
}

/** In a transaction: sent when it commits. */
export async function notifyWork(ledger: Ledger): Promise<void> {
  await ledger.query(`select ${notification(ledger)}`);
}
