/** The counts of a run. */
import { removedRows } from "../../../report/absent_text.ts";
import type { RunReport } from "../../../report/report_schema.ts";
import { formatCount } from "../../../report/numbers.ts";
import { soFar } from "../../../report/so_far.ts";

interface Tile {
  readonly name: string;
  readonly count: number;
  /** In the events of a run: the number that moves. */
  readonly of?: "created" | "updated" | "skipped" | "unresolved";
  readonly tone?: "bad" | "still";
  readonly to?: string;
}

export function Facts({ run }: { run: RunReport }) {
  return (
    <dl class="tiles">
      {tilesOf(run).map(({ name, count, of, tone, to }) => (
        <div class={count === 0 ? "zero" : tone}>
          <dt>{name}</dt>
          <dd class="n" data-count={run.is_terminal ? undefined : of}>
            {to === undefined || count === 0
              ? formatCount(count)
              : <a href={to}>{formatCount(count)}</a>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function tilesOf({ id, kind, dry_run, progress, absent }: RunReport): readonly Tile[] {
  const { created, updated, skipped, failed, unresolved, waived, deleted, untried } = soFar(
    progress,
  );
  const rows = `/runs/${id}/rows`;
  const would = (done: string, plain: string) => dry_run ? `would be ${done}` : plain;
  if (kind === "undo") {
    return [
      { name: would("deleted", "deleted"), count: deleted },
      { name: would("restored", "restored"), count: updated },
      { name: would("kept", "kept"), count: failed, tone: "bad", to: rows },
    ];
  }
  const fixed = failed - unresolved - waived;
  const removed = removedRows(absent ?? {});
  return [
    { name: would("created", "created"), count: created, of: "created" },
    { name: would("updated", "updated"), count: updated, of: "updated" },
    { name: would("skipped", "skipped"), count: skipped, of: "skipped" },
    {
      name: dry_run ? "would fail" : "failed",
      count: unresolved,
      of: "unresolved",
      tone: "bad",
      // Before the commit, nobody sees them.
      ...(progress.uncommitted === undefined && { to: rows }),
    },
    ...(removed === null ? [] : [{ name: would(removed.what, removed.what), count: removed.rows }]),
    ...(fixed > 0 ? [{ name: "fixed by retries", count: fixed }] : []),
    ...(waived > 0 ? [{ name: "left out", count: waived, tone: "still" as const }] : []),
    ...(untried !== null && untried > 0 ? [{ name: "never tried", count: untried }] : []),
  ];
}
