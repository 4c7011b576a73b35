/** What to know about a verification besides its counts: a sentence each. */
import type { Run } from "../../ledger/runs/runs.ts";
import { isTerminal } from "../../ledger/runs/statuses.ts";
import { lineWord } from "../../source/format.ts";
import type { Tally } from "./findings.ts";
import type { FoundInTable } from "./found_by_table.ts";

export interface Circumstances {
  readonly run: Run;
  /** Of an ordinary run: one. */
  readonly tables: readonly FoundInTable[];
  readonly tally: Tally;
  /** The retries whose rows were compared, too. */
  readonly retries: readonly number[];
}

export function remarksOn(
  { run, tables, tally, retries }: Circumstances,
): readonly string[] {
  const { counts, unlogged, pruned, changedLines, guessedSkipped } = tally;
  const remarks: string[] = [];
  const say = (when: boolean, remark: string) => {
    if (when) remarks.push(remark);
  };
  say(
    !isTerminal(run.status),
    `Run ${run.id} is ${run.status}: only the rows that it has loaded so far are compared.`,
  );
  say(
    retries.length > 0,
    `The rows that ${listed(retries.map(String), "run")} loaded are compared, too.`,
  );
  say(
    changedLines.length > 0,
    `The file is no longer as it was: ${
      rows(counts.unreadable - pruned)
    } can't be compared, the first of ` +
      `them on ${lineWord(run.source.format)} ${Math.min(...changedLines)}.`,
  );
  say(
    pruned > 0,
    `${rows(pruned)} that retries loaded can't be compared: ${
      pruned === 1 ? "it is" : "they are"
    } no longer in the log.`,
  );
  for (const table of tables) remarks.push(...remarksOnTable(table));
  say(
    guessedSkipped > 0,
    `Which rows the run skipped is not logged, only how many: ${rows(guessedSkipped)} that ` +
      "differ from the table are taken for them. With options.log_rows: all it is known.",
  );
  say(
    unlogged > 0,
    `${rows(unlogged)} failed and ${unlogged === 1 ? "is" : "are"} no longer in the log: as many ` +
      "of those that differ are taken for them.",
  );
  for (const table of tables) remarks.push(...remarksOnDifferences(table));
  return remarks;
}

/** Where there are several, each remark begins with the table's name. */
function remarksOnTable({ label, table, how, lost, counts }: FoundInTable): readonly string[] {
  if (how === null) return [];
  const remarks: string[] = [];
  const say = (when: boolean, remark: string) => {
    if (when) remarks.push(label === null ? remark : `${label}: ${remark}`);
  };
  say(
    how.index !== null,
    `The definition has no key that can be used: rows are found by ${how.index} ` +
      `(${how.plan.key.join(", ")}).`,
  );
  say(
    how.plan.key.length === 0,
    "The table has no key that the file fills, so rows can't be found again one by one: it is " +
      "counted how many of them are in the table with all their values.",
  );
  say(
    how.plan.key.length > 0 && counts.not_found > 0,
    `Rows without ${
      how.plan.key.join(", ")
    } can't be found by it: they are counted by all their values.`,
  );
  say(
    lost.length > 0,
    `The table no longer has ${listed(lost, "column")}, which the run has filled: not compared.`,
  );
  say(
    how.unreadable.length > 0,
    `The role ${table.role} may not read ${listed(how.unreadable, "column")}: not compared.`,
  );
  say(
    how.defaulted.length > 0,
    `Where the file has no value for ${how.defaulted.join(", ")}, the table's DEFAULT was taken: ` +
      "not compared.",
  );
  say(
    how.unfilled.length > 0,
    `Not compared, because the file doesn't fill ${how.unfilled.length === 1 ? "it" : "them"}: ` +
      `${how.unfilled.join(", ")}.`,
  );
  return remarks;
}

function remarksOnDifferences(
  { label, table, counts, triggers }: FoundInTable,
): readonly string[] {
  const remarks: string[] = [];
  const say = (when: boolean, remark: string) => {
    if (when) remarks.push(label === null ? remark : `${label}: ${remark}`);
  };
  say(
    counts.changed + counts.gone + counts.not_found > 0 && triggers.length > 0,
    `The table has ${listed(triggers, "trigger")}: values that they have changed count as changed.`,
  );
  say(
    counts.gone + counts.not_found > 0 && table.rowLevelSecurity,
    `Row-level security may hide rows of ${table.name} from the role ${table.role}.`,
  );
  return remarks;
}

function rows(count: number): string {
  return count === 1 ? "1 row" : `${count} rows`;
}

function listed(names: readonly string[], what: string): string {
  return `${what}${names.length < 2 ? "" : "s"} ${inWords(names)}`;
}

function inWords(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}
