/** What a definition means without saying so. `check` shows it. */
import { areConfusable, hasShortYear, PIVOT_RULE } from "../date_format.ts";
import type { Definition } from "../definition.ts";
import { describe, type Origin, type Problem, Problems } from "../problem.ts";
import { routeDefinitions, wholePath } from "../routes/routes.ts";

export function notesOn(definition: Definition, origin: Origin): readonly Problem[] {
  const notes = new Problems(origin);
  noteUndo(definition, notes);
  for (const [index, own] of routeDefinitions(definition).entries()) {
    const part = notes.part((path) => wholePath(definition, index, path));
    noteFormats(own, part);
    notes.adoptNew(part.list);
  }
  return notes.list;
}

function noteFormats({ columns }: Definition, notes: Problems): void {
  for (const [target, { format }] of Object.entries(columns ?? {})) {
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
}

function noteUndo({ options }: Definition, notes: Problems): void {
  const path = ["options", "undo"];
  const found = describe(options.undo ?? "off");
  if (options.undo === "updates") {
    const days = (options.undo_for ?? 0) / 86_400_000;
    const kept = days >= 1 && Number.isInteger(days)
      ? `${days} ${days === 1 ? "day" : "days"}`
      : `${Math.round(days * 24)} hours`;
    notes.add(path, {
      found,
      expected: "inserts, which is free",
      sentence:
        `${found}: to update a row takes about half as long again, and its old values take ` +
        `up room in the database for ${kept} (options.undo_for)`,
    });
  } else if (options.undo === "off") {
    const sentence = `${found}: what its runs do to the table can't be taken back`;
    notes.add(path, { found, expected: "inserts, which is free", sentence });
  }
}
