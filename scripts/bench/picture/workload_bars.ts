/**
 * Draws a bar for each workload: its ratio, the interval around it, and the largest ratio allowed.
 */
import type { WorkloadResult } from "../result.ts";
import type { Verdict } from "../verdict.ts";
import { line, type Piece, rect, text } from "./svg.ts";

const COLOURS: Readonly<Record<Verdict, string>> = {
  ok: "good",
  "ok?": "unsure",
  short: "bad",
  "short?": "unsure",
  "not judged": "open",
};

const ROW = 40;
const THICK = 18;
/** Room for names on the left, and for numbers on the right. */
const NAMES = 280;
const NUMBERS = 225;
/** Longer bars are cut off, so that one bad workload doesn't make all others too short to read. */
const MOST = 3;

export function workloadBars(workloads: readonly WorkloadResult[], width: number): Piece {
  const shown = workloads.filter(({ ratio }) => ratio !== null);
  const longest = Math.max(
    ...shown.flatMap(({ ratio, interval, bar }) => [ratio!, interval?.[1] ?? 0, bar]),
  );
  const end = Math.min(Math.ceil(longest * 5 + 0.5) / 5, MOST);
  const room = width - NAMES - NUMBERS;
  const x = (ratio: number) => NAMES + Math.min(ratio, end) / end * room;
  const height = shown.length * ROW;
  const svg = [...grid(end, x, height)];
  for (const [index, workload] of shown.entries()) {
    svg.push(...row(workload, index * ROW, x, width));
    if (workload.ratio! > end) svg.push(text(x(end) - 6, index * ROW + 25, "→", "", "end"));
  }
  return { height: height + 22, svg: svg.join("\n") };
}

function* grid(end: number, x: (ratio: number) => number, height: number): Generator<string> {
  for (let ratio = 0; ratio <= end + 0.001; ratio += 0.5) {
    yield line(x(ratio), 0, x(ratio), height, "grid");
    yield text(x(ratio), height + 14, ratio.toFixed(1), "small", "middle");
  }
}

function* row(
  { workload, against, ratio, interval, bar, verdict }: WorkloadResult,
  y: number,
  x: (ratio: number) => number,
  width: number,
): Generator<string> {
  const middle = y + ROW / 2;
  const range = interval?.map((each) => each.toFixed(2)).join(" to ") ?? "";
  yield text(0, y + 17, workload);
  yield text(0, y + 32, `against ${against}`, "small");
  yield rect(x(0), middle - THICK / 2, x(ratio!) - x(0), THICK, COLOURS[verdict]);
  if (interval !== null) {
    const [low, high] = interval.map(x);
    yield line(low, middle, high, middle, "mark");
    for (const end of [low, high]) yield line(end, middle - 4, end, middle + 4, "mark");
  }
  yield line(x(bar), middle - THICK / 2 - 5, x(bar), middle + THICK / 2 + 5, "bar");
  const judged = `${ratio!.toFixed(2)}, at most ${bar.toFixed(2)}: ${verdict}`;
  yield text(width - NUMBERS + 16, y + 17, judged);
  yield text(width - NUMBERS + 16, y + 32, range, "small");
}
