/** What a file's first rows look up: which of their values other tables have. Adds nothing to them. */
import { PostgresError, type Session } from "../../db/session.ts";
import type { UserSettings } from "../../db/session_settings.ts";
import { findMatches, type Found, type LookedUp } from "../../load/lookup/find_matches.ts";
import type { RowError } from "../../row/outcome.ts";
import type { ColumnProgram, LookupProblem, LookupProgram } from "../../row/pipeline.ts";
import type { RecordCursor, RecordReader } from "../../source/record.ts";
import { likelyValues } from "../likely_values.ts";
import { LOOK_LIMITS } from "./look_limits.ts";

export class PreviewLookups {
  /** What is wrong with a value, by its key. */
  readonly #problems = new Map<LookupProgram, ReadonlyMap<string, readonly LookupProblem[]>>();
  /** For people: what was not tried, and what a run would add. */
  readonly notes: string[] = [];

  /** Asks for all values of the records. */
  static async ask(
    session: Session,
    settings: UserSettings,
    programs: readonly ColumnProgram[],
    records: RecordReader,
  ): Promise<PreviewLookups> {
    const asked = new PreviewLookups();
    // Of rows of the file itself, others may still add what is looked up.
    const lookups = programs.flatMap(({ lookup }) => lookup?.isTarget === false ? [lookup] : []);
    if (lookups.length === 0) return asked;
    const values = new Map(lookups.map((lookup) => [lookup, new Map<string, LookedUp>()]));
    while (records.next()) {
      for (const [lookup, own] of values) {
        const value = valueOf(lookup, records);
        if (value !== null) own.set(keyOf(value), [...value]);
      }
    }
    for (const [lookup, own] of values) await asked.#ask(session, settings, lookup, own);
    return asked;
  }

  /** What is wrong with what the record looks up. */
  errors(lookup: LookupProgram, record: RecordCursor): readonly RowError[] {
    const problems = this.#problems.get(lookup);
    const value = problems === undefined ? null : valueOf(lookup, record);
    if (problems === undefined || value === null) return [];
    return (problems.get(keyOf(value)) ?? []).map((problem) => lookup.error(problem, record));
  }

  async #ask(
    session: Session,
    settings: UserSettings,
    lookup: LookupProgram,
    values: ReadonlyMap<string, LookedUp>,
  ): Promise<void> {
    if (values.size === 0) return;
    const { table, create } = lookup;
    const all = [...values.values()];
    try {
      const { found, likely } = await session.transaction(
        async () => {
          const found = await findMatches(session, table, all);
          const missing = all.flatMap(([value], index) =>
            found[index] === null && !create && table.match.length === 1 ? value ?? [] : []
          );
          return { found, likely: await likelyValues(session, table, missing) };
        },
        settings,
        LOOK_LIMITS,
      );
      const problems = new Map<string, readonly LookupProblem[]>();
      let added = 0;
      for (const [index, [key, value]] of [...values].entries()) {
        if (found[index] === null && create && value.every((part) => part !== null)) added++;
        else problems.set(key, problemsOf(lookup, found[index], likely?.get(value[0] ?? "")));
      }
      this.#problems.set(lookup, problems);
      if (added > 0) {
        this.notes.push(
          `${table.name} doesn't have ${
            added === 1 ? "1 value" : `${added.toLocaleString("en-US")} values`
          } of the first rows: a run adds ${added === 1 ? "it" : "them"} (create: true).`,
        );
      }
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error;
      // It is large and has no index, or is locked.
      this.notes.push(
        `What ${table.name} has was not looked up here (${error.message}). A dry run tells.`,
      );
    }
  }
}

function problemsOf(
  { notFound, ambiguous, notComparable, judgeFound }: LookupProgram,
  found: Found,
  likely: string | undefined,
): readonly LookupProblem[] {
  if (found === null) {
    return [likely === undefined ? notFound : { ...notFound, hint: `Did you mean ${likely}?` }];
  }
  if (found === "refused") return [notComparable];
  if (found.rows > 1) {
    return [{ ...ambiguous, hint: `${found.rows.toLocaleString("en-US")} rows have it.` }];
  }
  const judged = judgeFound(found.value);
  return judged === null || typeof judged === "string" ? [] : judged;
}

/** Null if it says nothing, or something wrong, which its own checks tell. */
function valueOf(lookup: LookupProgram, record: RecordCursor): LookedUp | null {
  return record.defect === null ? lookup.read(record, []) : null;
}

function keyOf(value: LookedUp): string {
  return JSON.stringify(value);
}
