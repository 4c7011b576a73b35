/** Which of a look-up table's values was probably meant by one that it doesn't have. */
import type { Session } from "../db/session.ts";
import { nearest } from "../importer/nearest.ts";
import { hasNearValues, nearValues } from "../load/lookup/near_values.ts";
import type { Matched } from "../row/pipeline.ts";

/** So many values of a batch get one, and none that is longer. */
const MOST_VALUES = 10, LONGEST = 100;
/** The beginning of a longer name is likely from so many characters on. */
const SHORTEST_BEGINNING = 4;

/** By value. Null if it takes too long, as it will again. Runs in the batch's transaction. */
export async function likelyValues(
  session: Session,
  table: Matched,
  values: readonly string[],
): Promise<ReadonlyMap<string, string> | null> {
  const likely = new Map<string, string>();
  const asked = values.filter((value) => value.length <= LONGEST).slice(0, MOST_VALUES);
  if (asked.length === 0 || !hasNearValues(table)) return likely;
  const known = await nearValues(session, table, asked);
  if (known === null) return null;
  for (const value of asked) {
    // Two texts whose lengths differ by more are not close.
    const near = known.filter((each) => Math.abs(each.length - value.length) <= 8);
    const found = nearest(value, near) ?? onlyOneWith(value, known);
    if (found !== null) likely.set(value, found);
  }
  return likely;
}

function onlyOneWith(value: string, known: readonly string[]): string | null {
  const beginning = value.toLowerCase();
  if (beginning.length < SHORTEST_BEGINNING) return null;
  const longer = known.filter((each) => each.toLowerCase().startsWith(beginning));
  return longer.length === 1 ? longer[0] : null;
}
