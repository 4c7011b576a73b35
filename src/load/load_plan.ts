/**
 * How a run loads its rows: the table, the columns written, the key, and what to do on duplicates.
 */
import type { OnDuplicate, OnMissing } from "../importer/definition.ts";
import type { AbsentRule } from "../importer/absent_rule.ts";
import type { Table } from "./catalog/table.ts";
import type { ChildrenPlanOf } from "./related/children_plan.ts";
import type { LinkPlan } from "./related/link_plan.ts";
import type { UndoMode, UndoNotes } from "./undo_notes.ts";

export interface LoadPlan {
  readonly table: Table;
  /** The columns of a row, in the order of its fields in COPY. */
  readonly columns: readonly string[];
  /** Those of them that find the row with the same key, but are not written. */
  readonly onlyCompared: readonly string[];
  /** Those that an update leaves as they are if the row's value is NULL. */
  readonly kept: readonly string[];
  /** Target columns that identify a row. If empty, rows are only inserted. */
  readonly key: readonly string[];
  /** SQL: only these rows of the table count for the key. Null: all rows. */
  readonly keyPredicate: string | null;
  readonly onDuplicate: OnDuplicate;
  readonly onMissing: OnMissing;
  /**
   * For `update_if_newer`. `extra`: the value is an additional last field, not a written column.
   */
  readonly compare: { readonly target: string; readonly extra: boolean } | null;
  /** A batch may hold a key more than once, so the statements have to check. */
  readonly keysMayRepeat: boolean;
  /** What is noted, so that the run can be undone. If missing, it is nothing. */
  readonly undo?: UndoMode;
  /**
   * Constraints that the table defers are checked when the transaction ends, and whoever commits sees
   * to it. Otherwise each attempt checks them.
   */
  readonly checksAtEnd?: boolean;
  /** What belongs to a row, for other tables: one column of the stage for each. Missing: nothing. */
  readonly related?: readonly RelatedPlan[];
  /** What becomes of rows that the file doesn't have. If missing, they are kept. */
  readonly absent?: AbsentRule;
  /** The keys of staged rows are noted, so that rows are found which the file doesn't have. */
  readonly notesKeys?: true;
  /** Where one transaction has several stages: another name than those of the others. */
  readonly stageLabel?: string;
  /** For a stage that isn't a temporary table: a name that no other session uses. */
  readonly stageName?: string;
}

export type ChildrenPlan = ChildrenPlanOf<LoadPlan>;

/** `label`: what messages call it. */
export type RelatedPlan = LinkPlan | ChildrenPlan;

/** How the children of its rows are loaded. */
export function childPlans({ related = [] }: LoadPlan): readonly LoadPlan[] {
  return related.flatMap((part) => part.kind === "children" ? [part.plan] : []);
}

/** Decides which rows wait for a later phase instead of failing. */
export interface LoadOptions {
  /** Rows that refer to a missing row of the same table become WAITING instead of FAILED. */
  readonly selfReferencesMayWait: boolean;
  /** Has another batch of the run written rows? Asked only if that helps to judge an error. */
  readonly runHasWritten?: () => Promise<boolean>;
  /** Takes note of what is written. Null or missing: nobody does. */
  readonly undo?: UndoNotes | null;
}

/**
 * Whether rows can be copied straight into the table. Every row must be meant for insertion, and a
 * unique index must refuse a row whose key is in the table already. (A partial index would not, if
 * the new row itself is none of its rows.) A BEFORE INSERT trigger would
 * see that row first, and might put it elsewhere or replace the one that is there. And COPY doesn't
 * tell to which rows others belong.
 */
export function canCopyDirectly(plan: LoadPlan): boolean {
  return plan.onMissing === "insert" && plan.compare?.extra !== true &&
    plan.related === undefined && plan.onlyCompared.length === 0 && plan.keyPredicate === null &&
    !plan.table.rowLevelSecurity &&
    (plan.key.length === 0 || (keyIsUnique(plan) && !plan.table.hasBeforeInsertTriggers));
}

/**
 * The same, even if rows are refused: no row of the table is ever updated, and the index that refuses
 * a row says whether it is to be skipped.
 */
export function canCopyAlways(plan: LoadPlan): boolean {
  if (!canCopyDirectly(plan)) return false;
  if (plan.key.length === 0 || plan.onDuplicate === "fail") return true;
  return plan.onDuplicate === "skip" && !hasUniquePartOfKey(plan);
}

/** Whether some of the key's columns are unique by themselves: their index may refuse a row first. */
function hasUniquePartOfKey({ table, key }: LoadPlan): boolean {
  return table.uniqueIndexes.some(({ columns }) =>
    columns !== null && columns.length < key.length && columns.every((name) => key.includes(name))
  );
}

/** The columns that are written when a row is inserted. */
export function writtenColumns({ columns, onlyCompared }: LoadPlan): readonly string[] {
  return columns.filter((name) => !onlyCompared.includes(name));
}

/** Whether the rows bring numbers for a column that Postgres always numbers itself. */
export function overridesIdentity(plan: LoadPlan): boolean {
  const written = writtenColumns(plan);
  return plan.table.columns.some(({ name, identity }) =>
    identity === "always" && written.includes(name)
  );
}

/** Whether a unique index refuses a second row with the same key. */
export function keyIsUnique(plan: LoadPlan): boolean {
  return plan.table.uniqueIndexes.some((index) =>
    index.columns !== null && (!index.partial || index.predicate === plan.keyPredicate) &&
    index.columns.every((column) => plan.key.includes(column))
  );
}

/** Whether a duplicate row simply fails, instead of being skipped or updating the existing row. */
export function refusesDuplicates(plan: LoadPlan): boolean {
  return plan.key.length === 0 || plan.onDuplicate === "fail";
}

/**
 * What earlier batches taught us about copying straight into the table. There is one for each
 * worker and run.
 */
export interface LoadHistory {
  /** Refusals in a row. */
  refusedInRow: number;
  /** Batches that went through staging since the last direct attempt. */
  sinceDirect: number;
  /** Triggers took some rows of a batch, and not all of them. Only staging tells which. */
  triggersTakeSome: boolean;
  /** The names of the rules that rows of earlier batches broke. */
  readonly brokenRules: Set<string>;
  /** Rows were refused, too, for reasons that our rules don't know. */
  refusesOtherwise: boolean;
  /** The size of the table before this worker wrote to it (`countEarlierPages`); null: unknown. */
  earlierPages: number | null;
}

export function newLoadHistory(): LoadHistory {
  return {
    refusedInRow: 0,
    sinceDirect: 0,
    triggersTakeSome: false,
    brokenRules: new Set(),
    refusesOtherwise: false,
    earlierPages: null,
  };
}

/**
 * Whether to try a direct COPY for this batch. After each refusal it is tried less often. So a file
 * of updates pays for only a few attempts, and a file that was partly loaded before still returns
 * to direct COPY. `foresees`: a batch that is loaded in the other way tells whether a direct COPY
 * would have been accepted, so none is tried before. (If a COPY is refused for a missing foreign
 * key, it has already written the whole batch.)
 */
export function tryDirect(history: LoadHistory, foresees: boolean): boolean {
  if (history.refusedInRow === 0) return true;
  if (foresees) return false;
  return history.sinceDirect >= Math.min(2 ** history.refusedInRow, 64);
}

/** Notes whether a direct COPY was accepted, or would have been. */
export function noteDirect(history: LoadHistory, accepted: boolean): void {
  history.sinceDirect = 0;
  history.refusedInRow = accepted ? 0 : history.refusedInRow + 1;
}

/**
 * The names of the rules that rows are likely to break: those that rows of earlier batches broke. To
 * look at the others costs as much for each. Null: all rules, because nothing is known, or because
 * there is always a row that none of them explains.
 */
export function expectedRules(history: LoadHistory): ReadonlySet<string> | null {
  return history.brokenRules.size === 0 || history.refusesOtherwise ? null : history.brokenRules;
}

/**
 * Notes which rules rows broke, of all rules. These are looked at if rows were refused that broke
 * none of the expected ones.
 */
export function noteBroken(history: LoadHistory, broken: ReadonlySet<string>): void {
  const { brokenRules } = history;
  const known = brokenRules.size;
  for (const name of broken) brokenRules.add(name);
  history.refusesOtherwise ||= known > 0 && brokenRules.size === known;
}
