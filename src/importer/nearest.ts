import { differenceOf } from "./look_alike.ts";

/**
 * The candidate that was probably meant, for "did you mean". Ignores case, spaces, `_` and `-`, and
 * allows about one slip in three characters. Null if no candidate is close.
 */
export function nearest(name: string, candidates: Iterable<string>): string | null {
  const wanted = simplified(name);
  if (wanted === "") return null;
  const tolerance = Math.min(3, Math.max(1, Math.floor(wanted.length / 3)));
  let best: string | null = null;
  let bestDistance = tolerance + 1;
  for (const candidate of candidates) {
    if (candidate === name) continue;
    const distance = editDistance(wanted, simplified(candidate));
    // Two short words that differ in every letter are not close.
    if (distance < bestDistance && distance < Math.max(wanted.length, candidate.length)) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `; did you mean "type"?`, or nothing. If both look the same, it says what differs. */
export function didYouMean(suggestion: string | null, wanted: string | null = null): string {
  if (suggestion === null) return "";
  const difference = wanted === null ? "" : differenceOf(wanted, suggestion);
  return `; did you mean ${JSON.stringify(suggestion)}${difference}?`;
}

/**
 * The number of insertions, deletions, replacements and swaps of neighbours that lead from one text
 * to the other (optimal string alignment). Swaps count as one, because they are the most common
 * slip.
 */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const current = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = last[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1);
      let distance = Math.min(last[j] + 1, current[j - 1] + 1, replaced);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        distance = Math.min(distance, beforeLast[j - 2] + 1);
      }
      current.push(distance);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length];
}

function simplified(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/gu, "");
}
