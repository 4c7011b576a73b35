/**
 * Values of JSON records that a retry's definition reads, and that the run has not read: it took the keys
 * at the file's beginning, and what its definition named. A retry reads the same fields, so the column would
 * stay empty though the record has a value for it.
 */
import type { Definition } from "../../importer/definition.ts";
import { wantedNames } from "../../importer/wanted_names.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { readUnresolved } from "../../ledger/rows/retried_rows.ts";
import type { Retry } from "../../ledger/runs/retries.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { recordFormat } from "../../source/format.ts";
import { parsePath } from "../../source/json/path_notation.ts";
import type { JsonPath } from "../../source/json/json_format.ts";
import { Refused } from "./refuse/refused.ts";

/** How much is in memory at a time. */
const PAGE = { rows: 10_000, bytes: 1_000_000 };

/** Throws Refused if one of the retry's rows has such a value. */
export async function refuseUnread(
  ledger: Ledger,
  run: Run,
  retry: Retry,
  definition: Definition,
): Promise<void> {
  const { format } = run.source;
  if (format.type !== "json") return;
  const unread = unreadPaths(run, definition);
  const names = [...unread.keys()];
  if (names.length === 0) return;
  const paths = Object.fromEntries(unread);
  const records = recordFormat({ ...format, paths: { ...format.paths, ...paths } }, names);
  // As they are in the log: what was edited has the fields that the run has read.
  const logged = { ...retry, corrected: false, edited: false };
  for (let after = 0;;) {
    const { count, bytes, starts, ends, rowNumbers } = await readUnresolved(
      ledger,
      logged,
      after,
      PAGE,
    );
    if (count === 0) return;
    for (let i = 0; i < count; i++) {
      const reader = records.reader(bytes.subarray(starts[i], ends[i]), START);
      if (!reader.next() || reader.defect !== null) continue;
      const name = names.find((_, field) => reader.text(field) !== "");
      if (name !== undefined) throw refusal(run, name, rowNumbers[i]);
    }
    after = rowNumbers[count - 1];
  }
}

const START = { offset: 0, line: 1, row: 1 };

/** By the name that the definition has for them. */
function unreadPaths(run: Run, definition: Definition): ReadonlyMap<string, JsonPath> {
  const read = new Set([
    ...run.header,
    ...wantedNames(run.definition).flatMap(({ names }) => names),
  ].map(fold));
  const paths = new Map<string, JsonPath>();
  for (const { names, isColumn } of wantedNames(definition)) {
    if (!isColumn || names.some((name) => read.has(fold(name)))) continue;
    for (const name of names) {
      const path = parsePath(name);
      if (path !== null) paths.set(name, path);
    }
  }
  return paths;
}

function fold(name: string): string {
  return name.trim().toLowerCase();
}

function refusal(run: Run, name: string, row: number): Refused {
  return new Refused(
    `Cannot retry run ${run.id} as the definition says now: it reads ${
      JSON.stringify(name)
    }, which ` +
      `the run did not, and row ${row} has a value there. Import the file again, or use the ` +
      `definition that the run had: ingest retry ${run.id} --original-definition`,
  );
}
