/** Runs as a token that is limited to some importers may see them. */
import type { Ledger } from "../../ledger/ledger.ts";
import { importersOf } from "../../ledger/runs/list_runs.ts";
import type { RunReport } from "../../report/report_schema.ts";
import { mayUse, type Principal } from "./principal.ts";

/** How warnings name another run. */
const A_RUN = /\brun (\d{1,15})(?: \(\d{4}-\d\d-\d\d\))?/gu;
/** How they name those that have written to the table since, at the beginning. */
const WRITERS = /^Runs? (\d.*?) (?:has|have) (?=written to )/u;
const A_WRITER = /(\d{1,15})(?: \([\d,]+ of these rows\))?|…/gu;

/** Such a token must not learn which numbers other runs have. */
export async function hideOthers(
  principal: Pick<Principal, "importers">,
  ledger: Ledger,
  reports: readonly RunReport[],
): Promise<RunReport[]> {
  const named = reports.flatMap(({ queued_behind, warnings }) => [
    ...queued_behind === null ? [] : [queued_behind],
    ...warnings.flatMap((text) => [
      ...[...text.matchAll(A_RUN)].map(([, id]) => Number(id)),
      ...writersOf(text).flatMap(({ id }) => id === null ? [] : [id]),
    ]),
  ]);
  if (principal.importers === null || named.length === 0) return [...reports];
  const importers = await importersOf(ledger, named);
  const isOthers = (id: number) => {
    const importer = importers.get(id);
    return importer === undefined || !mayUse(principal, importer);
  };
  return reports.map(({ queued_behind, warnings, ...report }) => ({
    ...report,
    queued_behind: queued_behind !== null && isOthers(queued_behind) ? null : queued_behind,
    warnings: warnings.map((text) =>
      hideWriters(text, isOthers)
        .replace(A_RUN, (run, id) => isOthers(Number(id)) ? "another run" : run)
    ),
  }));
}

interface Writer {
  /** Null: more of them, without their numbers. */
  readonly id: number | null;
  readonly text: string;
}

function writersOf(warning: string): Writer[] {
  const [, list = ""] = WRITERS.exec(warning) ?? [];
  return [...list.matchAll(A_WRITER)].map(([text, id]) => ({
    id: id === undefined ? null : Number(id),
    text,
  }));
}

function hideWriters(warning: string, isOthers: (id: number) => boolean): string {
  const all = writersOf(warning);
  const named = all.filter(({ id }) => id === null || !isOthers(id));
  if (named.length === all.length) return warning;
  const own = named.filter(({ id }) => id !== null).map(({ text }) => text);
  const which = own.length > 0
    ? `Runs ${own.join(", ")} and others have `
    : all.length === 1
    ? "Another run has "
    : "Other runs have ";
  return warning.replace(WRITERS, () => which);
}
