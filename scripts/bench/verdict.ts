/** Compares a measurement with its bar. */
import type { Interval } from "./statistics.ts";

/** `short`: it misses the bar. `?`: so it was measured, but the opposite is possible. */
export type Verdict = "ok" | "ok?" | "short" | "short?" | "not judged";

/** Fewer pairs than these judge nothing: `\copy` by itself varies by 7 %. */
const PAIRS_TO_JUDGE = 7;

export function judgeRatio(interval: Interval | null, pairs: number, bar: number): Verdict {
  if (interval === null || pairs < PAIRS_TO_JUDGE) return "not judged";
  const { ratio, low, high } = interval;
  const isUnsure = low <= bar && bar <= high;
  if (ratio <= bar) return isUnsure ? "ok?" : "ok";
  return isUnsure ? "short?" : "short";
}

/** Compares one number with its maximum. */
export function judgeValue(value: number, bar: number): Verdict {
  return value <= bar ? "ok" : "short";
}
