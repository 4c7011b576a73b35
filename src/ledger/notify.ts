/**
 * Tells processes that listen that there may be something to do. They look for themselves now and
 * then, too; this saves them the wait. Never in a batch's transaction: whoever notifies commits
 * one after the other, in the whole server.
 */
import { createHash } from "node:crypto";
import { literal } from "../db/quoting.ts";
import type { Ledger } from "./ledger.ts";

/** In bytes; Postgres refuses longer names of channels. */
const LONGEST = 63;

/** The channel of ingest's schema in the database; the names of schemas may be as long as its own. */
export function workChannel(schemaName: string): string {
  const channel = `ingest_work_${schemaName}`;
  if (new TextEncoder().encode(channel).length <= LONGEST) return channel;
  return `ingest_work_${createHash("sha256").update(schemaName).digest("hex").slice(0, 32)}`;
}

/** SQL, to be a part of the statement that there is something to tell of: both happen, or none. */
export function notification(ledger: Ledger): string {
  return `pg_notify(${literal(workChannel(ledger.schemaName))}, '')`;
}

/** In a transaction: told when it commits. */
export async function notifyWork(ledger: Ledger): Promise<void> {
  await ledger.query(`select ${notification(ledger)}`);
}
