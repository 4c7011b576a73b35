/**
 * How a retry reads the failed rows: as its definition says now, as far as that leaves them the rows
 * that they were. The file itself isn't read again.
 */
import { DEFAULT_SOURCE } from "../../importer/complete/complete_source.ts";
import type { SourceRule } from "../../importer/source_rule.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { readUnresolved } from "../../ledger/rows/retried_rows.ts";
import type { Retry } from "../../ledger/runs/retries.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { recordFormat, rereadFormat, type SourceFormat } from "../../source/format.ts";
import type { RecordBoundaries, RecordFormat } from "../../source/record_format.ts";
import { Refused } from "./refuse/refused.ts";

/** What decides where the file's rows are, and what its columns are called. */
const OF_THE_FILE = [
  "format",
  "delimiter",
  "encoding",
  "header",
  "sheet",
  "skip_lines",
  "skip_after_header",
  "skip_footer",
  "skip_rows",
  "when",
  "skip_empty_rows",
  "comment",
] as const satisfies readonly (keyof SourceRule)[];

/** How the rows that failed in `run` are read by a retry. */
export class Rereading {
  readonly format: SourceFormat;
  /** What the definition says and a retry can't follow. */
  readonly warnings: readonly string[];
  readonly #run: Run;
  readonly #records: RecordFormat;
  readonly #isOther: boolean;

  /** `rule`: of the definition that the retry uses. Throws Refused if it contradicts the file. */
  constructor(run: Run, rule: SourceRule) {
    this.#run = run;
    this.format = rereadFormat(run.source.format, rule);
    this.#isOther = JSON.stringify(this.format) !== JSON.stringify(run.source.format);
    try {
      this.#records = recordFormat(this.format, run.header);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new Refused(`Cannot retry run ${run.id} as the definition says now: ${error.message}.`);
    }
    const changed = OF_THE_FILE.filter((key) => isNews(rule, run.definition.source, key));
    this.warnings = changed.length === 0 ? [] : [
      `The definition's ${
        changed.map((key) => `source.${key}`).join(", ")
      } can't change the rows ` +
      "of a retry: they are divided as in the first run. To read the file anew, run it again.",
    ];
  }

  /** Throws Refused if one of the retry's rows would no longer be one row. */
  async assertSameRows(ledger: Ledger, retry: Retry): Promise<void> {
    if (!this.#isOther) return;
    const boundaries = this.#records.boundaries();
    for (let after = 0;;) {
      const rows = await readUnresolved(ledger, retry, after, PAGE);
      const { count, bytes, starts, ends, rowNumbers } = rows;
      if (count === 0) return;
      for (let i = 0; i < count; i++) {
        if (isOneRow(boundaries, bytes.subarray(starts[i], ends[i]))) continue;
        throw new Refused(
          `Cannot retry run ${this.#run.id} as the definition says now: row ${rowNumbers[i]} of ` +
            "the file would no longer be one row. Import the file again, or use the definition " +
            `that the run had: ingest retry ${this.#run.id} --original-definition`,
        );
      }
      after = rowNumbers[count - 1];
    }
  }
}

/** `row`: a row's bytes, without its line end. */
export function isOneRow(boundaries: RecordBoundaries, row: Uint8Array): boolean {
  boundaries.advance(row, 0, 2, row.length, true);
  return boundaries.rows === 1 && boundaries.end === row.length;
}

/** How much is in memory at a time. */
const PAGE = { rows: 10_000, bytes: 1_000_000 };

/** Options of the command line are in a run's definition, too. */
function isNews(now: SourceRule, then: SourceRule, key: (typeof OF_THE_FILE)[number]): boolean {
  const [said, before, usual] = [now, then, DEFAULT_SOURCE].map((rule) =>
    JSON.stringify(rule[key] ?? DEFAULT_SOURCE[key])
  );
  return said !== before && said !== usual;
}
