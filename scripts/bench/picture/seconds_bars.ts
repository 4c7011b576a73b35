/** Draws how long the messy file and the clean one take, side by side, on each server. */
import type { BenchResult, WorkloadResult } from "../result.ts";
import { type Piece, rect, text } from "./svg.ts";

interface Panel {
  readonly words: string;
  /** The workload, and what the bars of both sides are called. */
  readonly workload: string;
  readonly ours: string;
  readonly reference: string;
}

const PANELS: readonly Panel[] = [
  {
    words: "A messy file, cleaned and checked",
    workload: "messy file, every column cleaned",
    ours: "ingest",
    reference: "\\copy of the cleaned file",
  },
  {
    words: "A clean file, checked",
    workload: "fresh insert, on_duplicate: fail",
    ours: "ingest",
    reference: "\\copy, unchecked",
  },
];

const GAP = 36;
const BAR = 22;
const LINE = 28;
const NAMES = 172;
const NUMBERS = 52;

export function secondsBars(results: readonly BenchResult[], width: number): Piece {
  const panelWidth = (width - GAP * (PANELS.length - 1)) / PANELS.length;
  const longest = Math.max(
    ...PANELS.flatMap(({ workload }) =>
      results.flatMap((result) => secondsOf(find(result, workload)))
    ),
  );
  const svg: string[] = [];
  let height = 0;
  for (const [index, panel] of PANELS.entries()) {
    const left = index * (panelWidth + GAP);
    let y = 0;
    svg.push(text(left, y + 12, panel.words, "heading"));
    y += 30;
    for (const result of results) {
      const found = find(result, panel.workload);
      if (found === undefined) continue;
      svg.push(text(left, y + 10, result.machine.server, "small"));
      y += 18;
      const [ours, reference] = secondsOf(found);
      for (
        const [name, seconds, fill] of [
          [panel.ours, ours, "ours"],
          [panel.reference, reference, "theirs"],
        ] as const
      ) {
        if (seconds === undefined) continue;
        const room = panelWidth - NAMES - NUMBERS;
        svg.push(text(left, y + 15, name));
        svg.push(rect(left + NAMES, y, seconds / longest * room, BAR, fill));
        const end = left + NAMES + seconds / longest * room + 6;
        svg.push(text(end, y + 15, `${seconds.toFixed(1)} s`));
        y += LINE;
      }
      y += 8;
    }
    height = Math.max(height, y);
  }
  return { height, svg: svg.join("\n") };
}

function find(result: BenchResult, name: string): WorkloadResult | undefined {
  return result.workloads.find(({ workload }) => workload === name);
}

function secondsOf(result: WorkloadResult | undefined): number[] {
  if (result === undefined) return [];
  const { ours, reference } = result;
  return [ours.median_seconds, ...reference === null ? [] : [reference.median_seconds]];
}
