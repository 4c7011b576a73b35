/** A run in a line: what, how far, how well, when, by whom. */
import type { RunReport } from "../../../report/report_schema.ts";
import { formatCount, formatDuration } from "../../../report/numbers.ts";
import { soFar } from "../../../report/so_far.ts";
import { Bar } from "../parts/bar.tsx";
import { Time } from "../parts/numbers.tsx";
import { Status } from "../parts/status.tsx";

export function RunRow({ run, isLater = false }: { run: RunReport; isLater?: boolean }) {
  return (
    <article class="run-row">
      <div class="what">
        <a href={`/runs/${run.id}`} class="stretched">
          <span class="id">#{run.id}</span>{" "}
          <span class="name">{isLater ? kindOf(run) : run.importer}</span>
        </a>
        {run.dry_run && <span class="tag">dry run</span>}
        {!isLater && (
          <span class="file" title={run.original_filename ?? undefined}>
            <bdi>{run.original_filename ?? "a stream"}</bdi>
          </span>
        )}
      </div>
      <Status run={run} />
      <div class="how">
        <Bar run={run} />
        <span class="facts">
          {factsOf(run).map((fact, i) => (
            <>
              {i > 0 && " · "}
              <span class={fact.tone}>{fact.text}</span>
            </>
          ))}
        </span>
      </div>
      <div class="when">
        <Time at={run.completed_at ?? run.started_at ?? run.created_at} ago />
        {run.user_id !== null && (
          <span class="by">
            <bdi>{run.user_id}</bdi>
          </span>
        )}
      </div>
    </article>
  );
}

function kindOf(run: RunReport): string {
  return run.kind === "undo"
    ? "undo"
    : run.only === undefined || run.only.rows === run.only.of
    ? "retry"
    : "retry of some";
}

interface Fact {
  readonly text: string;
  readonly tone?: "bad" | "still";
}

function factsOf(run: RunReport): Fact[] {
  const { kind, dry_run, is_terminal, queued_behind, progress } = run;
  const { total, processed, deleted, failed, unresolved, waived } = progress;
  if (queued_behind !== null) return [{ text: `after run ${queued_behind}` }];
  if (!is_terminal) return openFacts(run);
  if (kind === "undo") {
    const would = dry_run ? "would be " : "";
    const kept = failed > 0
      ? [{ text: `${formatCount(failed)} ${would}kept`, tone: "bad" as const }]
      : [];
    return [{ text: `${formatCount(deleted + progress.updated)} ${would}taken back` }, ...kept];
  }
  const loaded = processed - unresolved - waived;
  const all = total ?? processed;
  return [
    {
      text: `${dry_run ? "would load " : ""}${formatCount(loaded)}${
        loaded < all ? ` of ${formatCount(all)}` : ""
      } ${loaded === 1 && loaded === all ? "row" : "rows"}`,
    },
    ...(unresolved > 0
      ? [{
        text: `${formatCount(unresolved)} ${dry_run ? "would fail" : "failed"}`,
        tone: "bad" as const,
      }]
      : []),
    ...(waived > 0 ? [{ text: `${formatCount(waived)} left out`, tone: "still" as const }] : []),
  ];
}

function openFacts({ progress }: RunReport): Fact[] {
  const { percent, processed, failed, rows_per_second: rate, eta_seconds: eta } = soFar(progress);
  return [
    {
      text: percent === null ? `${formatCount(processed)} rows so far` : `${percent.toFixed(1)} %`,
    },
    ...(rate !== null && rate > 0 ? [{ text: `${formatCount(rate)} rows/s` }] : []),
    ...(eta !== null ? [{ text: `${formatDuration(eta)} left` }] : []),
    ...(failed > 0 ? [{ text: `${formatCount(failed)} failed`, tone: "bad" as const }] : []),
    ...(progress.uncommitted === undefined ? [] : [{ text: "not committed yet" }]),
  ];
}
