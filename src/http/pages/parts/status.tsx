/** The status of a run as a word with a colour. */
import type { RunReport } from "../../../report/report_schema.ts";

type Tone = "busy" | "waits" | "good" | "partly" | "bad" | "still";

interface Shown {
  readonly text: string;
  readonly tone: Tone;
}

export function Status({ run }: { run: RunReport }) {
  const { text, tone } = shownStatus(run);
  return <span class={`status ${tone}`}>{text}</span>;
}

export function shownStatus(run: RunReport): Shown {
  if (run.stalled) return { text: "Stalled", tone: "bad" };
  if (run.queued_behind !== null) return { text: "Queued", tone: "waits" };
  if (run.undo?.status === "completed") return { text: "Taken back", tone: "still" };
  switch (run.status) {
    case "pending":
      return { text: "Waiting", tone: "waits" };
    case "processing":
      return { text: "Running", tone: "busy" };
    case "cancelling":
      return { text: "Cancelling", tone: "waits" };
    case "held":
      return { text: "Held", tone: "waits" };
    case "completed":
      return run.kind === "undo" && run.dry_run
        ? { text: "Nothing is changed yet", tone: "still" }
        : { text: "Completed", tone: "good" };
    case "completed_with_errors":
      return endedWithErrors(run);
    case "failed":
      return { text: "Failed", tone: "bad" };
    case "cancelled":
      return { text: "Cancelled", tone: "still" };
  }
}

function endedWithErrors({ kind, dry_run, progress }: RunReport): Shown {
  const { unresolved, waived, processed } = progress;
  if (kind === "undo") {
    return { text: dry_run ? "Some rows would be kept" : "Some rows kept", tone: "partly" };
  }
  if (unresolved === processed && processed > 0) {
    return { text: dry_run ? "All rows would fail" : "All rows failed", tone: "bad" };
  }
  if (unresolved > 0) {
    return { text: dry_run ? "Some rows would fail" : "Some rows failed", tone: "partly" };
  }
  return { text: waived > 0 ? "Fixed or left out" : "All fixed", tone: "good" };
}
