import { describeDatabase } from "../../config/database_config.ts";
import { hasEmbeddedData, lookForEmbedded } from "../../db/embedded.ts";
import { assertMigrated } from "../../db/migrate.ts";
import { DatabaseUnreachable, Session } from "../../db/session.ts";
import { Ledger } from "../../ledger/ledger.ts";
import { overview } from "../../report/overview.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { renderOverview, type Standing } from "../render/overview.ts";
import { readSettings, type Settings } from "../settings.ts";

export type OverviewFlags = DatabaseFlags;

/** Throws UsageError, DatabaseUnreachable and SchemaMismatch. */
export async function overviewCommand(flags: OverviewFlags, output: Output): Promise<number> {
  const standing = await look(readSettings(flags), new Date());
  if (flags.json) {
    const { kind, ...rest } = standing;
    output.json({ data: { database: kind, ...("overview" in rest ? rest.overview : {}) } });
  } else {
    const { width, style } = output.listFrame();
    output.printAll(renderOverview(standing, width, style));
  }
  return EXIT.done;
}

/** Starts nothing and creates nothing, unlike all other commands that need a database. */
async function look(settings: Settings, now: Date): Promise<Standing> {
  const choice = settings.chooseDatabase(true);
  const { home } = settings;
  if (choice.kind === "server") return await ask(choice.config, settings, now);
  const config = await lookForEmbedded(home);
  const { announced } = choice;
  const asleep = async (): Promise<Standing> =>
    await hasEmbeddedData(home)
      ? { kind: "stopped", home, announced }
      : announced
      ? { kind: "fresh", home }
      : { kind: "none" };
  if (config === null) return await asleep();
  try {
    return await ask(config, settings, now);
  } catch (error) {
    // It has died, and left its files behind.
    if (error instanceof DatabaseUnreachable) return await asleep();
    throw error;
  }
}

async function ask(
  config: Session["config"],
  { schema }: Settings,
  now: Date,
): Promise<Standing> {
  await using session = await Session.open(config);
  const database = describeDatabase(config);
  try {
    await assertMigrated(session, schema);
  } catch (error) {
    if (error instanceof Error && error.name === "NeverUsed") return { kind: "unused", database };
    throw error;
  }
  return { kind: "ready", database, overview: await overview(new Ledger(session, schema), now) };
}
