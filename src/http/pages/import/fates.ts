/** What would become of the rows that a preview has looked at. */
import type { PreviewReport } from "../../../report/preview_schema.ts";

export interface Fates {
  readonly looked: number;
  readonly added: number;
  readonly updated: number;
  readonly skipped: number;
  readonly failing: number;
}

type Fate = Exclude<keyof Fates, "looked">;

const OF_DUPLICATES = {
  skip: "skipped",
  update: "updated",
  update_if_newer: "updated",
  fail: "failing",
} as const satisfies Record<string, Fate>;

const OF_OTHERS = {
  insert: "added",
  skip: "skipped",
  fail: "failing",
} as const satisfies Record<string, Fate>;

/** If nobody could tell which rows are there already, none counts as such. */
export function fatesOf(
  { looked_at, failing: wrong, duplicates }: PreviewReport,
): Fates {
  const looked = looked_at ?? 0;
  const known = duplicates === null ? 0 : duplicates.in_table + duplicates.in_file;
  const fates = { looked, added: 0, updated: 0, skipped: 0, failing: wrong ?? 0 };
  const others = looked - fates.failing - known;
  fates[fateOfDuplicates(duplicates)] += known;
  fates[OF_OTHERS[duplicates?.on_missing ?? "insert"]] += others;
  return fates;
}

export function fateOfDuplicates(duplicates: PreviewReport["duplicates"]): Fate {
  return OF_DUPLICATES[duplicates?.on_duplicate ?? "fail"];
}
