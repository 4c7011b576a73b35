/** Why absent rows can't be deleted or marked, or stay, in words. */
import type { AbsentRule } from "../../importer/absent_rule.ts";
import type { AbsentCounts } from "../../ledger/runs/absent_rows.ts";
import type { RunFailure } from "../../ledger/runs/runs.ts";
import type { Belonging } from "../../load/absent/find_belonging.ts";
import type { Referring } from "../../load/absent/remove_absent.ts";
import type { Table } from "../../load/catalog/table.ts";
import type { Refusal } from "../../load/refusal/refusal.ts";

/** The code of such a failure. */
export const ABSENT_REFUSED = "absent_refused";

const FOREIGN_KEY_VIOLATION = "23503";

const INSTEAD = "Nothing was loaded. See to those rows first, or mark absent rows instead of " +
  "deleting them (on_absent: {mark: …}).";

/** Rows of other tables would go or change along with absent ones. */
export function whyReferred(
  { rows, reference }: Referring,
  table: Table,
  absent: number,
): RunFailure {
  const does = reference.action === "c" ? "be deleted" : "lose what they refer to";
  return {
    code: ABSENT_REFUSED,
    message:
      `${beginning(table, absent, "deleted")}: ${
        rows === null ? "perhaps rows" : counted(rows, "row")
      } of ` +
      `${reference.shown} would ${does} with them (${reference.constraint}). ${INSTEAD}`,
  };
}

/** Links and children of absent rows are left alone, so their rows have to stay. */
export function whyBelonging(
  { rows, table: other }: Belonging,
  table: Table,
  absent: number,
): RunFailure {
  return {
    code: ABSENT_REFUSED,
    message: `${beginning(table, absent, "deleted")}: ${counted(rows, "row")} of ${other.name} ` +
      `${rows === 1 ? "belongs" : "belong"} to ${absent === 1 ? "it" : "them"}. ${INSTEAD}`,
  };
}

/** What Postgres says of it. */
export function whyNotDeleted(
  refusal: Refusal,
  table: Table,
  rule: AbsentRule,
  absent: number,
): RunFailure {
  const start = beginning(table, absent, rule.do === "delete" ? "deleted" : "marked");
  if (refusal.code === FOREIGN_KEY_VIOLATION && rule.do === "delete") {
    const { table_name: other, constraint_name: constraint } = refusal;
    return {
      code: ABSENT_REFUSED,
      message: `${start}: rows of ${other} refer to some of them (${constraint}). ${INSTEAD}`,
    };
  }
  const said = refusal.message.replaceAll(/\s+/g, " ").trim().replace(/[.!]$/u, "");
  return { code: ABSENT_REFUSED, message: `${start}: ${said}. Nothing was loaded.` };
}

/** For the run's warnings. `counts`: null if nothing was done because `failed` rows fail. */
export function absentNotes(
  rule: AbsentRule,
  failed: number,
  counts: AbsentCounts | null,
): readonly string[] {
  const kept = "Rows of the table that the file doesn't have were left as they are";
  if (counts === null) {
    return [
      rule.despiteFailures
        ? `${kept}, because ${counted(failed, "row")} of it ${failed === 1 ? "fails" : "fail"} ` +
          "whose key can't be read: nobody knows which rows of the table these are."
        : `${kept}, because ${counted(failed, "row")} of it ${failed === 1 ? "fails" : "fail"}: ` +
          "nobody knows which rows of the table these are. (options.absent_despite_failures)",
    ];
  }
  const left = counts.absent - (counts.deleted ?? counts.marked ?? 0);
  if (left === 0) return [];
  const does = rule.do === "delete" ? "deleted" : "marked";
  return [
    `${counted(left, "row")} that the file doesn't have ${
      left === 1 ? "was" : "were"
    } not ${does}: ` +
    "a trigger of the table kept them as they are.",
  ];
}

/** For the run's warnings: the scope may be written wrongly. */
export function missedScope({ scope }: AbsentRule): string {
  const shown = Object.entries(scope).map(([column, values]) =>
    `${column}: ${values.map((value) => value ?? "null").join(" or ")}`
  );
  return `No row of the table is in scope (${
    shown.join(", ")
  }), not even the file's own: so none ` +
    "could be absent.";
}

function beginning(table: Table, absent: number, done: string): string {
  return `${counted(absent, "row")} of ${table.schema}.${table.name} ` +
    `${absent === 1 ? "is" : "are"} not in the file, and can't be ${done}`;
}

function counted(count: number, word: string): string {
  return `${count.toLocaleString("en-US")} ${word}${count === 1 ? "" : "s"}`;
}
