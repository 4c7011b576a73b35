/** Which of a file's first rows the table seems to have already, or the file has twice. */
import { PostgresError, type Session } from "../../db/session.ts";
import type { UserSettings } from "../../db/session_settings.ts";
import type { OnDuplicate, OnMissing } from "../../importer/definition.ts";
import { findKeys } from "../../load/find_keys.ts";
import type { LoadPlan } from "../../load/load_plan.ts";
import type { CompiledPipeline } from "../../row/compile.ts";
import { LOOK_LIMITS } from "./look_limits.ts";
import type { ReadRow } from "./preview_rows.ts";

export interface Duplicates {
  /** Columns of the table. Without a key: those of the index that refuses most of the rows. */
  readonly key: readonly string[];
  readonly onDuplicate: OnDuplicate;
  readonly onMissing: OnMissing;
  /** Numbers of rows whose key the table has. */
  readonly inTable: ReadonlySet<number>;
  /** Of the others: those with the key of an earlier row of the file. */
  readonly inFile: ReadonlySet<number>;
}

/** So many indexes are looked at, if there is no key. */
const MOST_INDEXES = 4;

/** The table could not be asked. The message is for people. */
export class NotLookedUp extends Error {
  override readonly name = "NotLookedUp";
}

export interface Fitted {
  readonly loadPlan: LoadPlan;
  readonly pipeline: CompiledPipeline;
  readonly settings: UserSettings;
}

/** Null if rows have no key. Throws NotLookedUp. */
export async function findDuplicates(
  session: Session,
  { loadPlan, pipeline, settings }: Fitted,
  rows: readonly ReadRow[],
): Promise<Duplicates | null> {
  // What is looked up is not in the table: its id is.
  const targets = pipeline.programs.map(({ target, lookup }) => lookup === undefined ? target : "");
  const keys = loadPlan.key.length > 0
    ? [loadPlan.key]
    : loadPlan.table.uniqueIndexes.flatMap(({ columns, partial }) =>
      partial || columns === null || !columns.every((name) => targets.includes(name))
        ? []
        : [columns]
    ).slice(0, MOST_INDEXES);
  let most: Duplicates | null = null;
  if (keys.some((key) => !key.every((name) => targets.includes(name)))) return null;
  for (const key of keys) {
    const plan = { ...loadPlan, key };
    const found = await lookFor(session, plan, settings, keysOf(rows, key, targets));
    if (most === null || sizeOf(found) > sizeOf(most)) most = found;
  }
  return most;
}

const sizeOf = ({ inTable, inFile }: Duplicates) => inTable.size + inFile.size;

interface RowKey {
  readonly row: number;
  readonly values: readonly string[];
}

/** Of the rows that would not fail anyway. What has no value, nobody finds. */
function keysOf(
  rows: readonly ReadRow[],
  key: readonly string[],
  targets: readonly string[],
): readonly RowKey[] {
  const places = key.map((name) => targets.indexOf(name));
  return rows.flatMap(({ row, values, errors }) => {
    const own = places.map((place) => values[place] ?? null);
    return errors.length > 0 || !own.every((value) => value !== null) ? [] : [{ row, values: own }];
  });
}

async function lookFor(
  session: Session,
  plan: LoadPlan,
  settings: UserSettings,
  keys: readonly RowKey[],
): Promise<Duplicates> {
  try {
    const { inTable, repeated } = await session.transaction(
      () => findKeys(session, plan, keys.map(({ values }) => values)),
      settings,
      LOOK_LIMITS,
    );
    const there = new Set(inTable.map((index) => keys[index].row));
    return {
      ...{ key: plan.key, onMissing: plan.onMissing, inTable: there },
      onDuplicate: plan.onDuplicate,
      inFile: new Set(repeated.map((index) => keys[index].row).filter((row) => !there.has(row))),
    };
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    // It is large and has no index, or is locked, or a value is none of its type.
    throw new NotLookedUp(
      `Which of the first rows ${plan.table.name} has already was not looked up here ` +
        `(${error.message}). A dry run tells.`,
    );
  }
}
