/** The rows of files that a request names. */
import type { RowRange } from "../../ledger/groups/error_choice.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { rootOf } from "../../ledger/runs/retries.ts";
import { listRunFiles } from "../../ledger/runs/run_files.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { nearest } from "../../importer/nearest.ts";
import { Refused } from "./refuse/refused.ts";

/** Those that are not planned yet have no rows. Throws Refused for a name that no file has. */
export async function rangesOfFiles(
  ledger: Ledger,
  run: Run,
  names: readonly string[],
): Promise<RowRange[]> {
  const root = rootOf(run);
  const found = await listRunFiles(ledger, root, { names });
  const missing = names.find((name) => !found.some((file) => isCalled(file.name, name)));
  if (missing !== undefined) throw new Refused(await noFile(ledger, run, missing));
  return found.flatMap(({ rows_before: before, rows }) =>
    before === null ? [] : [{ first: before + 1, last: rows === null ? FAR : before + rows }]
  ).filter(({ first, last }) => first <= last);
}

/** Whatever is planned behind. */
const FAR = Number.MAX_SAFE_INTEGER;

function isCalled(file: string, name: string): boolean {
  return file === name || file.endsWith(`/${name}`);
}

async function noFile(ledger: Ledger, run: Run, name: string): Promise<string> {
  const files = await listRunFiles(ledger, rootOf(run));
  if (files.length === 0) return `Run ${run.id} reads only one file.`;
  const likely = nearest(name, files.map((file) => file.name));
  const meant = likely === null ? `It has ${files.length}.` : `Did you mean ${likely}?`;
  return `Run ${run.id} has no file ${name}. ${meant}`;
}
