/** A constant of a definition, with what it says of the run, the row and its file filled in. */
import { isRunWord, partsOfConstant, type RunWord, wordsIn } from "../importer/constant_words.ts";
import type { RecordCursor } from "../source/record.ts";
import type { PipelineContext } from "./column_plan.ts";

/** Is such a constant not the same for all rows? */
export function isOfRow(value: string): boolean {
  return wordsIn(value).some((word) => !isRunWord(word));
}

/**
 * Of a word that says nothing, such as the user of a run without one, there is nothing in the text; and
 * if the constant is only that word, it is null.
 */
export function compileConstant(
  value: string,
  context: PipelineContext,
): (record: RecordCursor) => string | null {
  const parts = partsOfConstant(value).map((part) =>
    "text" in part ? part.text : isRunWord(part.word) ? ofRun(part.word, context) : part
  );
  const [only] = parts;
  if (parts.length === 1) {
    return typeof only === "object" && only !== null
      ? (record) => ofRow(only.word, record, context)
      : () => only;
  }
  if (parts.every((part) => typeof part !== "object" || part === null)) {
    const text = parts.join("");
    return () => text;
  }
  return (record) => {
    let text = "";
    for (const part of parts) {
      text +=
        (typeof part === "object" && part !== null ? ofRow(part.word, record, context) : part) ??
          "";
    }
    return text;
  };
}

function ofRun(
  word: RunWord,
  { runId, user, importer = "", began = new Date(), zone = null }: PipelineContext,
): string | null {
  switch (word) {
    case "run.id":
      return String(runId);
    case "run.user":
      return user;
    case "run.importer":
      return importer;
    case "run.started_at":
      return began.toISOString();
    case "run.date":
      return dateIn(zone, began);
  }
}

function ofRow(
  word: string,
  { row }: RecordCursor,
  { fileWord }: PipelineContext,
): string | null {
  return word === "row.number" ? String(row) : fileWord?.(row, word.slice("file.".length)) ?? null;
}

/** `zone`: as Postgres knows it. Null, and one that only Postgres knows: UTC. */
function dateIn(zone: string | null, moment: Date): string {
  for (const timeZone of [zone ?? "UTC", "UTC"]) {
    try {
      return new Intl.DateTimeFormat("en-CA", { timeZone }).format(moment);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  throw new Error("UTC is no time zone here");
}
