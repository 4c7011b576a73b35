/** What there is to say about a run in words. */
import { wouldRemove } from "../../../report/absent_text.ts";
import type { Child } from "hono/jsx";
import type { RunReport } from "../../../report/report_schema.ts";
import { formatCount } from "../../../report/numbers.ts";
import { relatedTexts } from "../../../report/related_text.ts";
import { failuresSoFar, uncommittedText } from "../../../report/so_far.ts";
import { Time } from "../parts/numbers.tsx";
import { pageWords } from "../words.ts";

interface NotesProps {
  readonly run: RunReport;
  /** In words, a line for each reason. */
  readonly waitingOn: string | null;
  /** Why rows are skipped. */
  readonly skips: string;
  /** The run that it retries. */
  readonly root: RunReport | null;
}

/** Nothing is loaded yet: somebody has to decide. */
function Held({ held }: { held: NonNullable<RunReport["held"]> }) {
  const [rows, created, updated, skipped, failed] = [
    ...[held.rows, held.created, held.updated, held.skipped, held.failed],
  ].map(formatCount);
  return (
    <Note tone="partly">
      Held: nothing is loaded until somebody decides. {held.because.join(" ")} Of {rows}{" "}
      rows, it would create {created}, update {updated} and skip {skipped}; {failed} fail.{" "}
      {wouldRemove(held)}
    </Note>
  );
}

export function Notes({ run, waitingOn, skips, root }: NotesProps) {
  const {
    error,
    warnings,
    undo,
    same_file: same,
    cancel_requested_at: cancelled,
    waivers,
    watched_file: file,
    completed_by_run_id: completedBy,
  } = run;
  const uncommitted = uncommittedText(run);
  // Of all rows or none, it is none.
  const hasLoaded = run.progress.created + run.progress.updated + run.progress.deleted > 0;
  return (
    <>
      {error !== null && error.message.split("\n").map((text) => <Note tone="bad">{text}</Note>)}
      {uncommitted !== null && <Note tone="partly">{uncommitted}</Note>}
      {failuresSoFar(run).map((text) => <Note tone="bad">{text}</Note>)}
      {run.status === "held" && run.held !== undefined && <Held held={run.held} />}
      {waitingOn?.split("\n").map((text) => <Note tone="partly">{capitalized(text)}</Note>)}
      {relatedTexts(run).map((text) => <Note>{text}</Note>)}
      {warnings.map((text) => <Note tone="partly">{pageWords(text)}</Note>)}
      {cancelled !== null && (
        <Note>
          {run.status === "cancelled" ? "Cancelled" : "Cancelling was asked for"}
          {run.cancel_requested_by !== null && (
            <>
              {" "}
              by <bdi>{run.cancel_requested_by}</bdi>
            </>
          )}, <Time at={cancelled} />.{hasLoaded && " What is loaded stays."}
        </Note>
      )}
      {run.dry_run && run.is_terminal && (
        <Note>
          {run.kind === "undo"
            ? "Nothing is taken back yet: this is what an undo would do."
            : "A dry run: nothing was written to the table."}
        </Note>
      )}
      {run.kind === "import" && run.progress.skipped > 0 && (
        <Note>
          {run.progress.skipped === 1 ? "One row was" : `${formatCount(run.progress.skipped)} were`}
          {" "}
          skipped: {skips}.
        </Note>
      )}
      {root !== null && run.is_terminal && !run.dry_run && root.progress.unresolved === 0 && (
        <Note tone="good">
          Every failed row of <a href={`/runs/${root.id}`}>run {root.id}</a>
          {root.original_filename !== null && (
            <>
              {" "}
              (<bdi>{root.original_filename}</bdi>)
            </>
          )} is fixed
          {root.progress.waived > 0 && " or left out"}.
        </Note>
      )}
      {undo !== null && <Note>{undoText(undo)}</Note>}
      {completedBy !== undefined && (
        <Note tone="good">
          <a href={`/runs/${completedBy}`}>Run {completedBy}</a>{" "}
          completes it: it loads all of its rows, those that failed as they were corrected.
        </Note>
      )}
      {file !== undefined && <Note>{placeText(file)}</Note>}
      {run.only !== undefined && (
        <Note>
          Tries {formatCount(run.only.rows)} of {formatCount(run.only.of)} failed rows:{" "}
          {run.only.errors}
        </Note>
      )}
      {same !== null && (
        <Note>
          <a href={`/runs/${same.run_id}`}>Run {same.run_id}</a> has loaded the same file,{" "}
          <Time at={same.at} />.
        </Note>
      )}
      {waivers?.map(({ at, by, reason, rows }) => (
        <Note>
          {formatCount(rows)} left out{by !== null && (
            <>
              {" "}
              by <bdi>{by}</bdi>
            </>
          )}, <Time at={at} />:{" "}
          <q>
            <bdi>{reason}</bdi>
          </q>
        </Note>
      ))}
    </>
  );
}

/** Where its file lies, which was found in a watched folder. */
function placeText({ name, moved_to, message }: NonNullable<RunReport["watched_file"]>) {
  if (moved_to !== null) {
    return (
      <>
        <bdi>{name}</bdi> was moved to <bdi>{moved_to}</bdi>.
      </>
    );
  }
  return message ?? (
    <>
      <bdi>{name}</bdi> is moved out of the watched folder once the run has ended.
    </>
  );
}

function Note({ tone, children }: { tone?: "bad" | "partly" | "good"; children: Child }) {
  return <p class={`remark ${tone ?? ""}`}>{children}</p>;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function undoText({ run_id, status, at, reverted, kept }: NonNullable<RunReport["undo"]>) {
  const link = <a href={`/runs/${run_id}`}>run {run_id}</a>;
  const counts = `${formatCount(reverted)} taken back, ${formatCount(kept)} kept`;
  if (at === null) return <>It is being taken back by {link}.</>;
  return status === "cancelled" || status === "failed"
    ? <>Taken back in part by {link}, which is {status}: {counts}.</>
    : <>Taken back by {link}: {counts}.</>;
}
