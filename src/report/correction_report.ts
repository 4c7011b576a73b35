/** Corrections of failed rows as programs see them. */
import type { PendingEdit } from "../ledger/edits/pending_edits.ts";
import type { Run } from "../ledger/runs/runs.ts";
import type { Recheck } from "../run/recheck/recheck_rows.ts";
import type { PendingRow, RecheckReport } from "./correction_schema.ts";
import { errorsInFileWords } from "./file_words.ts";
import { SourceNames } from "./source_names.ts";

export function toRecheckReport(recheck: Recheck, { header }: Pick<Run, "header">): RecheckReport {
  if (!recheck.checked) {
    return { checked: false, right: null, wrong: null, rows: [], notes: [recheck.because] };
  }
  const names = new SourceNames({ definition: recheck.definition, header });
  const rows = recheck.rows.map(({ row_number, errors }) => ({
    row_number,
    errors: errors && errorsInFileWords(errors, names),
  }));
  const wrong = rows.filter(({ errors }) => errors !== null).length;
  return { checked: true, right: rows.length - wrong, wrong, rows, notes: [] };
}

export function toPendingRow(edit: PendingEdit): PendingRow {
  const { row_number, line, cells, before, drops_surplus, made_by, made_at } = edit;
  return {
    ...{ row_number, line, values: cells, before },
    drop_surplus: drops_surplus,
    by: made_by,
    at: made_at.toISOString(),
  };
}
