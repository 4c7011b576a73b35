/** What a measurement says about its bar. */
import type { Interval } from "./statistics.ts";

/** `short`: it falls short of the bar. `?`: measured so, but it may be the other way round. */
export type Verdict = "ok" | "ok?" | "short" | "short?" | "cliff" | "not judged";

/** Fewer pairs than these judge nothing: `\copy` by itself varies by 7 %. */
const PAIRS_TO_JUDGE = 7;

export function judgeRatio(interval: Interval | null, pairs: number, bar: number): Verdict {
  if (interval === null || pairs < PAIRS_TO_JUDGE) return "not judged";
  const { ratio, low, high } = interval;
  const isUnsure = low <= bar && bar <= high;
  if (ratio <= bar) return isUnsure ? "ok?" : "ok";
  return isUnsure ? "short?" : "short";
}

/** One number against the most that it may be. */
export function judgeValue(value: number, bar: number): Verdict {
  return value <= bar ? "ok" : "short";
}

/** More than this beside `\copy` is a shape of file that the program is not made for. */
const CLIFF = 1.5;

export function judgeCliff(ratio: number): Verdict {
  return ratio > CLIFF ? "cliff" : "ok";
}
