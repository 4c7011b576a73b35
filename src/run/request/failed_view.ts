/** Makes and drops an importer's view of failed rows, in which any SQL client can correct them. */
import { createHash } from "node:crypto";
import { PostgresError } from "../../db/session.ts";
import { isLockTimeout } from "../../db/table_locked.ts";
import { sqlName } from "../../importer/sql_name.ts";
import {
  createView,
  dropView,
  findView,
  grantAgain,
  holdViews,
  listGrants,
  listViewed,
  type ViewColumn,
  type ViewedRun,
} from "../../ledger/rows/failed_views.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { rootOf } from "../../ledger/runs/retries.ts";
import { requireRun, type Run } from "../../ledger/runs/runs.ts";
import { refuseUndone } from "./refuse/refuse_undone.ts";
import { Refused } from "./refuse/refused.ts";

/** Columns that each view has beside the source's. */
export const OWN_COLUMNS: readonly string[] = [
  "run_id",
  "row_number",
  "line",
  "reason",
  "corrected",
  "surplus",
];

/** Postgres's limits: of a relation's columns, and of a name in bytes. */
const MAX_COLUMNS = 1600, MAX_NAME = 63;

export interface MadeView {
  /** As SQL names it. */
  readonly view: string;
  /** The run that read the file: the given one, or the one whose rows it retries. */
  readonly run: Run;
  readonly columns: readonly ViewColumn[];
  /** Columns of the source for which the view has no room. */
  readonly missing: number;
  /** Runs whose failed rows it shows, and those with other columns, the latest first. */
  readonly shown: readonly ViewedRun[];
  readonly elsewhere: readonly ViewedRun[];
}

/** Null: the run has no failed rows to correct. `fileNames`: see `FailedView`. Throws Refused. */
export async function makeFailedView(
  ledger: Ledger,
  given: Run,
  fileNames: (root: Run) => Promise<Readonly<Record<string, string>>>,
): Promise<MadeView | null> {
  const root = await requireRun(ledger, rootOf(given));
  refuseUnfit(given, root);
  await refuseUndone(ledger, given, `Cannot make a view of run ${given.id}`);
  const viewed = await listViewed(ledger, root.importer, root.header);
  if (!viewed.some(({ id }) => id === root.id)) return null;
  const name = viewName(root.importer);
  const columns = viewColumns(root.header);
  const view = {
    importer: root.importer,
    header: root.header,
    columns,
    fileNames: await fileNames(root),
  };
  await ofOwner(ledger, name, `ingest view ${given.id}`, async () => {
    const existing = await requireOurs(ledger, name);
    const wanted = [...OWN_COLUMNS.slice(0, -1), ...columns.map(({ name }) => name), "surplus"];
    const isSame = existing === null || wanted.join("\0") === existing.columns.join("\0");
    const grants = isSame ? [] : await listGrants(ledger, name);
    if (!isSame) await dropView(ledger, name);
    await createView(ledger, name, view);
    await grantAgain(ledger, grants);
  });
  return {
    view: shownName(ledger, name),
    run: root,
    columns,
    missing: root.header.length - columns.length,
    shown: viewed.filter(({ same_header }) => same_header),
    elsewhere: viewed.filter(({ same_header }) => !same_header),
  };
}

/** Returns the view's name, and whether there was one. Corrections that were made in it stay. */
export async function dropFailedView(
  ledger: Ledger,
  run: Run,
): Promise<{ readonly view: string; readonly dropped: boolean }> {
  const name = viewName(run.importer);
  let dropped = false;
  await ofOwner(ledger, name, `ingest view ${run.id} --drop`, async () => {
    if (await requireOurs(ledger, name) === null) return;
    await dropView(ledger, name);
    dropped = true;
  });
  return { view: shownName(ledger, name), dropped };
}

function refuseUnfit(given: Run, root: Run): void {
  const cannot = `Cannot make a view of run ${given.id}`;
  if (root.dry_run || given.dry_run) {
    throw new Refused(
      `${cannot}: it was a dry run, whose failed rows can't be corrected. ` +
        `Load the file first: ingest run ${root.importer} --file …`,
    );
  }
  if (root.definition.options.log_rows === "none") {
    throw new Refused(`${cannot}: it logs no rows (options.log_rows: none).`);
  }
}

async function requireOurs(ledger: Ledger, name: string) {
  const existing = await findView(ledger, name);
  if (existing !== null && !existing.isOurs) {
    throw new Refused(
      `Cannot make or drop ${shownName(ledger, name)}: something else has this name, and not a ` +
        "view of ingest's. Rename it.",
    );
  }
  return existing;
}

/** Does `work` in a transaction; says what to do if the role may not. */
async function ofOwner(
  ledger: Ledger,
  name: string,
  command: string,
  work: () => Promise<void>,
): Promise<void> {
  const view = shownName(ledger, name);
  try {
    await ledger.transaction(async () => {
      await holdViews(ledger);
      await work();
    });
  } catch (error) {
    if (isLockTimeout(error)) {
      throw new Refused(
        `Cannot replace or drop ${view}: somebody has read it or changed rows in it, in a ` +
          "transaction that is still open. Try again when that has ended.",
        { cause: error },
      );
    }
    if (!(error instanceof PostgresError)) throw error;
    if (error.code === "2BP01") {
      throw new Refused(
        `Cannot replace or drop ${view}: ${error.detail ?? "other objects depend on it"}. ` +
          "Drop those first.",
        { cause: error },
      );
    }
    if (error.code !== "42501") throw error;
    const [{ role, exists }] = await ledger.query<{ role: string; exists: boolean }>(
      "select quote_ident(current_user) as role, to_regclass($1) is not null as exists",
      [view],
    );
    const statement = exists
      ? `alter view ${view} owner to ${role}`
      : `grant create on schema ${ledger.schema} to ${role}`;
    throw new Refused(
      `Cannot make or drop ${view}: the role ${role} may not (${error.message}). The owner can ` +
        `do it (${command}), or allow it: ${statement};`,
      { cause: error },
    );
  }
}

function shownName({ schemaName }: Ledger, name: string): string {
  return [schemaName, name].map(sqlName).join(".");
}

/** `failed_customers`. A name that is too long ends with what tells it from others. */
export function viewName(importer: string): string {
  const name = `failed_${importer}`;
  if (bytesOf(name) <= MAX_NAME) return name;
  const hash = createHash("sha256").update(importer).digest("hex").slice(0, 8);
  return `${cutTo(name, MAX_NAME - 9)}_${hash}`;
}

/** Gives each column of the source a name of its own that Postgres doesn't cut. */
export function viewColumns(header: readonly string[]): readonly ViewColumn[] {
  const taken = new Set(OWN_COLUMNS);
  const shown = header.slice(0, MAX_COLUMNS - OWN_COLUMNS.length);
  // Names that needn't be changed stay, whichever column comes first.
  const whole = new Set(shown.filter((name) => bytesOf(name) <= MAX_NAME && !taken.has(name)));
  return shown.map((source) => {
    if (whole.has(source)) return { name: source, source };
    let name = cutTo(source, MAX_NAME);
    for (let n = 2; taken.has(name) || whole.has(name); n++) {
      name = `${cutTo(source, MAX_NAME - String(n).length - 1)}_${n}`;
    }
    taken.add(name);
    return { name, source };
  });
}

const encoder = new TextEncoder();

function bytesOf(text: string): number {
  return encoder.encode(text).length;
}

/** By whole characters. */
function cutTo(text: string, bytes: number): string {
  let cut = "";
  let used = 0;
  for (const letter of text) {
    used += bytesOf(letter);
    if (used > bytes) break;
    cut += letter;
  }
  return cut;
}
