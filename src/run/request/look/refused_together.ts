import type { Origin } from "../../../importer/problem.ts";
import type { Table } from "../../../load/catalog/table.ts";
import { SourceError } from "../../../source/error.ts";
import { fit, readersIn, type RunShape } from "../../fit.ts";
import { refuseMissing } from "../combine/refuse_missing.ts";
import type { OtherFiles } from "./other_files.ts";

/** Why a file can't be loaded together with the others. Throws as `fit` does, if all of them don't fit. */
export function refusedTogether(
  run: RunShape,
  others: OtherFiles | null,
  table: Table,
  origin: Origin | undefined,
): readonly string[] {
  const layout = others?.layout ?? null;
  if (others === null || layout === null) return [];
  const { header } = layout;
  const all = { ...run, header, source: { ...run.source, ...layout } };
  const fitted = fit(all, table, origin);
  try {
    refuseMissing(header, readersIn(fitted), others.missing);
    return [];
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return [error.message];
  }
}
