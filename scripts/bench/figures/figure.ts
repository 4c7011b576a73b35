/** Single numbers with a bar of their own, beside the workloads. */
import type { Bench } from "../bench.ts";
import type { FigureResult } from "../result.ts";
import { round } from "../statistics.ts";
import { judgeValue } from "../verdict.ts";

/** Numbers that are measured together. */
export interface Figures {
  /** What `--only` goes by. */
  readonly name: string;
  measure(bench: Bench, effort: Effort): Promise<FigureResult[]>;
}

export interface Effort {
  /** A look at whether it works: few repetitions, and nothing is judged. */
  readonly quick: boolean;
  /** With files of ten times the rows, too. */
  readonly large: boolean;
}

/** `bar`: the most that the value may be. */
export function figure(
  name: string,
  value: number,
  unit: string,
  bar: number | null,
  effort: Effort,
  details: FigureResult["details"] = {},
): FigureResult {
  return {
    figure: name,
    value: round(value, 3),
    unit,
    bar,
    verdict: bar === null || effort.quick ? "not judged" : judgeValue(value, bar),
    details,
  };
}

export function milliseconds(seconds: readonly number[]): number[] {
  return seconds.map((each) => round(each * 1000, 1));
}
