/** What becomes of a run that is loaded as a whole, once it is known what it would do. */
import { findTripped, type GateCounts, gatesOf } from "../../importer/gates.ts";
import { lastCounts } from "../../ledger/runs/held_runs.ts";
import type { FoundAbsent } from "./absent_rows.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { tooManyErrors } from "../../ledger/batches/max_errors.ts";
import type { HeldRun, Run, RunFailure } from "../../ledger/runs/runs.ts";

export type Verdict =
  | { readonly kind: "load" }
  /** Somebody has to decide. */
  | { readonly kind: "hold"; readonly because: readonly string[] }
  /** Null: because of its failed rows. */
  | { readonly kind: "fail"; readonly failure: RunFailure | null };

/** With so many runs before it, a run is compared. */
const LAST_RUNS = 10;

/** `run`: freshly read. */
export async function judge(
  ledger: Ledger,
  run: Run,
  counts: GateCounts,
  absent: FoundAbsent | null = null,
): Promise<Verdict> {
  const { options } = run.definition;
  const { failed, rows } = counts;
  if (failed > 0 && !run.sets_aside) return { kind: "fail", failure: null };
  const failure = tooManyErrors(options.max_errors, { processed: rows, failed });
  if (failure !== null) return { kind: "fail", failure };
  if (run.released_at !== null && run.held !== null) {
    const because = sinceHeld(run.held, failed, absent?.absent ?? 0);
    return because.length === 0 ? { kind: "load" } : { kind: "hold", because };
  }
  const gates = gatesOf(options);
  const found = absent && { absent: absent.absent, in_scope: absent.inScope };
  const before = gates.some(({ than }) => than === "unusual")
    ? await lastCounts(ledger, run.importer, run.id, LAST_RUNS)
    : [];
  const because = [
    ...(options.release === "manual" ? ["Each run waits for somebody's decision."] : []),
    ...findTripped(gates, { ...counts, absent: found }, before),
    ...tooManyAbsent(absent, run.definition.table, rows),
  ];
  return because.length === 0 ? { kind: "load" } : { kind: "hold", because };
}

/** What has become worse since somebody decided. */
function sinceHeld(held: HeldRun, failed: number, absent: number): readonly string[] {
  const shown = (count: number) => count.toLocaleString("en-US");
  return [
    ...failed > held.failed
      ? [`Of its rows, ${shown(failed)} fail now, and when it was held ${shown(held.failed)}.`]
      : [],
    ...absent > (held.absent ?? 0)
      ? [
        `Of the table's rows, ${shown(absent)} are not in the file now, and when it was held ` +
        `${shown(held.absent ?? 0)}.`,
      ]
      : [],
  ];
}

/** A file that lacks so many rows may be only a part of what it should be. */
function tooManyAbsent(
  found: FoundAbsent | null,
  table: string,
  rows: number,
): readonly string[] {
  if (found === null || found.absent === 0) return [];
  const { absent, inScope, rule: { most } } = found;
  const share = 100 * absent / inScope;
  if (rows > 0 && ("rows" in most ? absent <= most.rows : share <= most.percent)) return [];
  const shown = (count: number) => count.toLocaleString("en-US");
  const scope = found.rule.scope;
  const of = `${shown(absent)} of ${shown(inScope)} ${inScope === 1 ? "row" : "rows"} of ${table}` +
    (Object.keys(scope).length === 0 ? "" : " in scope");
  const are = absent === 1 ? "is" : "are";
  if (rows === 0) return [`The file has no rows, so ${of} ${are} not in it.`];
  const limit = "rows" in most ? shown(most.rows) : `${most.percent}%`;
  return [`${of} ${are} not in the file (${share.toFixed(1)}%): max_absent is ${limit}.`];
}

/** Would it wait for a decision, whatever its rows are? */
export function isHeldAnyway({ definition, released_at }: Run): boolean {
  return definition.options.release === "manual" && released_at === null;
}
