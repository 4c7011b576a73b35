/** The database for whoever only wants to know: it is asked briefly, and never started. */
import type { DatabaseConfig } from "../../config/database_config.ts";
import { Session } from "../../db/session.ts";
import { Ledger } from "../../ledger/ledger.ts";
import { parseDuration } from "../arguments.ts";
import type { Settings } from "../settings.ts";

/** Milliseconds to connect and ask: somebody has pressed Tab and waits. */
const PATIENCE = 1000;

/** For databases that are far away: `3s`. */
function patienceOf(environment: Pick<Deno.Env, "get">): number {
  const given = environment.get("INGEST_COMPLETION_TIMEOUT");
  try {
    return given ? parseDuration(given) : PATIENCE;
  } catch {
    return PATIENCE;
  }
}

/**
 * What `ask` finds; null if there is no database, it doesn't answer in time, or it refuses. It sees
 * a transaction that can't write.
 */
export async function askQuietly<T>(
  settings: Settings,
  ask: (ledger: Ledger) => Promise<T>,
  patience = patienceOf(Deno.env),
): Promise<T | null> {
  const config = await locateQuietly(settings);
  if (config === null) return null;
  const timeUp = Promise.withResolvers<null>();
  const giveUp = new AbortController();
  const timer = setTimeout(() => {
    giveUp.abort();
    timeUp.resolve(null);
  }, patience);
  const asked = askDatabase(config, settings.schema, ask, patience, giveUp.signal).catch(() =>
    null
  );
  try {
    return await Promise.race([asked, timeUp.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function askDatabase<T>(
  config: DatabaseConfig,
  schema: string,
  ask: (ledger: Ledger) => Promise<T>,
  patience: number,
  signal: AbortSignal,
): Promise<T | null> {
  await using session = await Session.open(config, { connectTimeout: patience, signal });
  const ledger = new Ledger(session, schema);
  // A server that is busy must not go on for somebody who has stopped waiting.
  return await ledger.transaction(
    () => ask(ledger),
    `set local transaction read only; set local statement_timeout = ${patience}`,
  );
}

/** A completion runs without a terminal, but for somebody at one. */
async function locateQuietly(settings: Settings): Promise<DatabaseConfig | null> {
  const choice = settings.chooseDatabase(true);
  if (choice.kind === "server") return choice.config;
  const { lookForEmbedded } = await import("../../db/embedded.ts");
  return await lookForEmbedded(settings.home);
}
