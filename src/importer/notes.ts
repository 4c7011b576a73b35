/** What a definition means without saying so. `check` shows it. */
import { areConfusable, hasShortYear, PIVOT_RULE } from "./date_format.ts";
import type { Definition } from "./definition.ts";
import { describe, type Origin, type Problem, Problems } from "./problem.ts";

export function notesOn(definition: Definition, origin: Origin): readonly Problem[] {
  const notes = new Problems(origin);
  for (const [target, { format }] of Object.entries(definition.columns ?? {})) {
    const path = ["columns", target, "format"];
    const short = format.find(hasShortYear);
    if (short !== undefined) {
      notes.add(path, {
        found: describe(short),
        expected: "years of four digits",
        sentence: `${describe(short)}: ${PIVOT_RULE}`,
      });
    }
    for (const [index, other] of format.entries()) {
      const first = format.slice(0, index).find((one) => areConfusable(one, other));
      if (first === undefined) continue;
      const sentence = `${describe(first)} and ${describe(other)} may both fit a value, as two ` +
        `different days: then ${describe(first)} counts, as it comes first`;
      notes.add(path, { found: describe(other), expected: "formats that differ", sentence });
    }
  }
  return notes.list;
}
