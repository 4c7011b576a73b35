/** Shows the progress of a run: a bar on a terminal, else a line now and then. */
import type { RunReport } from "../report/report_schema.ts";
import { LiveArea } from "./live_area.ts";
import type { Output, Stream } from "./output.ts";
import { progressLine } from "./render/next_steps.ts";
import type { RunView } from "./render/run_heading.ts";
import { renderRun } from "./render/run_status.ts";
import { printable } from "./render/terminal_text.ts";

export interface ProgressDisplay {
  /** Milliseconds between the updates that it wants to be offered; null: no preference. */
  readonly interval: number | null;
  /** Would it show the run now? If not, the caller needn't make the view. */
  wants(status: RunReport["status"]): boolean;
  show(view: RunView): void;
  /** A line that stays. */
  note(line: string): void;
  /** Erases what was drawn. */
  close(): void;
}

/** `now`: in milliseconds. */
export function showProgress(
  output: Output,
  stream: Stream,
  quiet: boolean,
  now: () => number = () => performance.now(),
): ProgressDisplay {
  if (quiet) return new Quiet(output);
  return stream.size() === null ? new Lines(output, now) : new Drawing(output, stream);
}

class Quiet implements ProgressDisplay {
  readonly #output: Output;
  readonly interval = null;

  constructor(output: Output) {
    this.#output = output;
  }

  wants(): boolean {
    return false;
  }

  show(): void {}

  note(line: string): void {
    this.#output.note(line);
  }

  close(): void {}
}

class Drawing implements ProgressDisplay {
  /** Eight times a second: smooth enough for a bar. */
  readonly interval = 125;
  readonly #output: Output;
  readonly #stream: Stream;
  readonly #area: LiveArea;

  constructor(output: Output, stream: Stream) {
    this.#output = output;
    this.#stream = stream;
    this.#area = new LiveArea(stream);
  }

  wants(): boolean {
    return true;
  }

  show(view: RunView): void {
    // One column is left free: a full line makes some terminals wrap.
    const width = Math.max(10, this.#output.widthOf(this.#stream) - 1);
    const style = this.#output.styleOf(this.#stream);
    this.#area.draw(renderRun(view, { width, now: new Date(), style }));
  }

  note(line: string): void {
    this.#area.print(line);
  }

  close(): void {
    this.#area.erase();
  }
}

/** Milliseconds between lines of a log. */
const LINE_INTERVAL = 10_000;

class Lines implements ProgressDisplay {
  readonly interval = null;
  readonly #output: Output;
  readonly #now: () => number;
  #nextAt: number;
  #lastStatus: RunReport["status"] | null = null;

  constructor(output: Output, now: () => number) {
    this.#output = output;
    this.#now = now;
    this.#nextAt = now() + LINE_INTERVAL;
  }

  wants(status: RunReport["status"]): boolean {
    this.#lastStatus ??= status;
    return status !== this.#lastStatus || this.#now() >= this.#nextAt;
  }

  show({ report, waitingOn }: RunView): void {
    // A run that has ended gets a summary instead.
    if (report.is_terminal || !this.wants(report.status)) return;
    this.#lastStatus = report.status;
    this.#nextAt = this.#now() + LINE_INTERVAL;
    const reasons = waitingOn === null ? [] : waitingOn.split("\n").map(printable);
    this.#output.note([progressLine(report), ...reasons].join("; "));
  }

  note(line: string): void {
    this.#output.note(line);
  }

  close(): void {}
}
