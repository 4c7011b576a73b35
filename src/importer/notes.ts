/** What a definition means without saying so. `check` shows it. */
import { hasShortYear, PIVOT_RULE } from "./date_format.ts";
import type { Definition } from "./definition.ts";
import { describe, type Origin, type Problem, Problems } from "./problem.ts";

export function notesOn(definition: Definition, origin: Origin): readonly Problem[] {
  const notes = new Problems(origin);
  for (const [target, { format }] of Object.entries(definition.columns ?? {})) {
    const short = format.find(hasShortYear);
    if (short === undefined) continue;
    notes.add(["columns", target, "format"], {
      found: describe(short),
      expected: "years of four digits",
      sentence: `${describe(short)}: ${PIVOT_RULE}`,
    });
  }
  return notes.list;
}
