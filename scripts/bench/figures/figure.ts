/** Single numbers that are measured besides the workloads. Each may have its own bar. */
import type { Bench } from "../bench.ts";
import type { FigureResult } from "../result.ts";
import { round } from "../statistics.ts";
import { judgeValue } from "../verdict.ts";

/** Figures that are measured together. */
export interface Figures {
  /** For `--only`. */
  readonly name: string;
  measure(bench: Bench, effort: Effort): Promise<FigureResult[]>;
}

export interface Effort {
  /** Only try whether it works: few repetitions and no verdicts. */
  readonly quick: boolean;
  /** Also use files with ten times the rows. */
  readonly large: boolean;
}

/** `bar`: the largest value allowed. */
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
