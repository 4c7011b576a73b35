/** What a server can't do, found when it starts and not when somebody asks for it. */
import { join } from "node:path";
import { type Importers, loadImporters } from "../importer/folder.ts";
import { identifier } from "../db/quoting.ts";
import { Session } from "../db/session.ts";
import { Ledger } from "../ledger/ledger.ts";
import type { DatabaseConfig } from "../config/database_config.ts";
import { compareWithTable } from "../run/request/compare.ts";
import { describeEmpty } from "./commands/list.ts";
import { bucketFolder, type Settings, spoolFolder } from "./settings.ts";

/** One line for each, with what to do. */
export async function findLimits(
  config: DatabaseConfig,
  settings: Pick<Settings, "home" | "storage" | "importers" | "schema" | "workers">,
): Promise<string[]> {
  await using session = await Session.open(config, { applicationName: "ingest server" });
  const ledger = new Ledger(session, settings.schema);
  const importers = await loadImporters(settings.importers);
  return [
    ...await storageLimits(await spoolFolder(settings.home, ledger)),
    ...await bucketLimits(await bucketFolder(settings.storage, ledger)),
    ...definitionLimits(settings.importers, importers),
    ...await tableLimits(session, importers, settings.schema),
    ...await connectionLimits(session, settings.workers),
  ];
}

async function storageLimits(folder: string): Promise<string[]> {
  const probe = join(folder, `.probe-${crypto.randomUUID()}`);
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeFile(probe, new Uint8Array(1), { createNew: true });
    await Deno.remove(probe);
    return [];
  } catch (error) {
    await Deno.remove(probe).catch(() => {/* it was not created */});
    const reason = error instanceof Error ? error.message : String(error);
    return [
      `Uploads can't be stored in ${folder}: ${reason}. ` +
      "Make the folder writable, or name another one: INGEST_HOME",
    ];
  }
}

async function bucketLimits(folder: string | null): Promise<string[]> {
  if (folder === null) return [];
  const { probeBucket } = await import("../run/request/probe_bucket.ts");
  const reason = await probeBucket(folder);
  return reason === null ? [] : [`Uploads can't be stored (INGEST_STORAGE): ${reason}`];
}

function definitionLimits(folder: string, importers: Importers): string[] {
  const { usable, broken } = importers;
  if (usable.length + broken.length === 0) {
    return [`No uploads are possible. ${describeEmpty(folder, importers)}`];
  }
  return broken.map(({ slug, problems: [first, ...others] }) =>
    `The importer ${slug} can't be used: ${first.message}` +
    (others.length === 0 ? "" : ` (and ${others.length} more: ingest check ${slug})`)
  );
}

async function tableLimits(
  session: Session,
  { usable }: Importers,
  schema: string,
): Promise<string[]> {
  const limits: string[] = [];
  for (const importer of usable) {
    const { problems } = await compareWithTable(session, importer, schema);
    if (problems.length === 0) continue;
    const [first, ...others] = problems;
    limits.push(
      `The importer ${importer.definition.slug} can't be used: ${first.message}` +
        (others.length === 0 ? "" : ` (and ${others.length} more: ingest check)`),
    );
  }
  return limits;
}

/**
 * The planner's, the one for new runs, the one for looks at the runs, `/readyz`, a request's, and two for
 * all clients that watch runs.
 */
const BESIDE_WORKERS = 7;

async function connectionLimits(session: Session, workers: number): Promise<string[]> {
  const [{ role, allowed }] = await session.query<{ role: string; allowed: number }>(
    `select rolname as role, case when rolsuper then -1 else rolconnlimit end as allowed
     from pg_roles where rolname = current_user`,
  );
  const wanted = workers + BESIDE_WORKERS;
  if (allowed < 0 || allowed >= wanted) return [];
  return [
    `The role ${role} may have ${allowed} connections, so there will be fewer workers, and requests ` +
    `may have to wait. Allow ${wanted} or more: alter role ${identifier(role)} connection limit ` +
    `${wanted + 8}`,
  ];
}
