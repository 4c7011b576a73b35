/** What becomes of a run that is loaded as a whole, once it is known what it would do. */
import { findTripped, type GateCounts, gatesOf } from "../../importer/gates.ts";
import { lastCounts } from "../../ledger/held_runs.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { tooManyErrors } from "../../ledger/max_errors.ts";
import type { Run, RunFailure } from "../../ledger/runs.ts";

export type Verdict =
  | { readonly kind: "load" }
  /** Somebody has to decide. */
  | { readonly kind: "hold"; readonly because: readonly string[] }
  /** Null: because of its failed rows. */
  | { readonly kind: "fail"; readonly failure: RunFailure | null };

/** With so many runs before it, a run is compared. */
const LAST_RUNS = 10;

/** `run`: freshly read. */
export async function judge(ledger: Ledger, run: Run, counts: GateCounts): Promise<Verdict> {
  const { options } = run.definition;
  const { failed, rows } = counts;
  if (failed > 0 && !run.sets_aside) return { kind: "fail", failure: null };
  const failure = tooManyErrors(options.max_errors, { processed: rows, failed });
  if (failure !== null) return { kind: "fail", failure };
  if (run.released_at !== null && run.held !== null) {
    if (failed <= run.held.failed) return { kind: "load" };
    const [now, then] = [failed, run.held.failed].map((count) => count.toLocaleString("en-US"));
    return {
      kind: "hold",
      because: [`Of its rows, ${now} fail now, and when it was held ${then}.`],
    };
  }
  const gates = gatesOf(options);
  const before = gates.some(({ than }) => than === "unusual")
    ? await lastCounts(ledger, run.importer, run.id, LAST_RUNS)
    : [];
  const because = [
    ...(options.release === "manual" ? ["Each run waits for somebody's decision."] : []),
    ...findTripped(gates, counts, before),
  ];
  return because.length === 0 ? { kind: "load" } : { kind: "hold", because };
}

/** Would it wait for a decision, whatever its rows are? */
export function isHeldAnyway({ definition, released_at }: Run): boolean {
  return definition.options.release === "manual" && released_at === null;
}
