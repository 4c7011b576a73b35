/**
 * Whether a retry can be planned without reading its rows: its original was planned by the same
 * keys, and deferred every row that repeats a key. So if none of the failed rows was deferred, no
 * two of them share a key.
 */
import type { ColumnRule, Definition } from "../../importer/definition.ts";
import { hasFailedDeferred } from "../../ledger/batches/deferred.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { retryOf } from "../../ledger/runs/retries.ts";
import { readRunTable } from "../../ledger/runs/run_tables.ts";
import { findRun } from "../../ledger/runs/runs.ts";
import { type TableShape, tableShape } from "../../load/catalog/table_shape.ts";
import type { RunProgram } from "../program.ts";
import { isInOrder } from "../sequence.ts";

/** Runs in the open transaction. False if in doubt: then the rows are read. */
export async function areKnownApart(ledger: Ledger, program: RunProgram): Promise<boolean> {
  const { run, hasher, loadPlan: { table } } = program;
  const retry = retryOf(run);
  // A retry of a retry may have rows that were repaired in between.
  if (retry === null || retry.corrected || retry.edited || retry.from !== retry.root) return false;
  if (hasher === null || isInOrder(program) || program.routes !== null) return false;
  const root = await findRun(ledger, retry.root);
  // If its keys had changed while it was planned, it would be done in order.
  if (root === null || root.in_order || root.planned_keys !== program.keys) return false;
  const isSame = (key: "settings" | "header") =>
    JSON.stringify(root[key]) === JSON.stringify(run[key]);
  if (!isSame("settings") || !isSame("header")) return false;
  if (JSON.stringify(root.source.format) !== JSON.stringify(run.source.format)) return false;
  const names = Array.from({ length: hasher.keyCount }, (_, key) => hasher.names(key)).flat();
  if (!haveSameKeyRules(root.definition, run.definition, names)) return false;
  const before = await readRunTable(ledger, root.id);
  if (before === null || !haveSameColumns(before.shape, tableShape(table), names)) return false;
  await ledger.walkTheIndex();
  return !await hasFailedDeferred(ledger, root.id);
}

/** Do both definitions make the same of a row's keys? The rules of other columns don't matter. */
function haveSameKeyRules(a: Definition, b: Definition, keys: readonly string[]): boolean {
  if (JSON.stringify(withoutRules(a)) !== JSON.stringify(withoutRules(b))) return false;
  const [before, now] = [a.columns, b.columns];
  if (before === null || now === null) return before === now;
  return keys.every((name) =>
    Object.hasOwn(before, name) && Object.hasOwn(now, name) && isSteady(now[name]) &&
    JSON.stringify(before[name]) === JSON.stringify(now[name])
  );
}

function withoutRules({ columns: _, options: _options, description: _text, ...rest }: Definition) {
  return rest;
}

/** Which values a pattern is given up for depends on what was matched before. */
function isSteady({ pattern, transform }: ColumnRule): boolean {
  return pattern === null && transform.every(({ op }) => op !== "replace");
}

function haveSameColumns(before: TableShape, now: TableShape, names: readonly string[]): boolean {
  const shapeOf = ({ columns }: TableShape, name: string) =>
    JSON.stringify(columns.find((column) => column.name === name));
  // Names that the table has got since then could be closer to those of the file.
  const listed = ({ columns }: TableShape) => JSON.stringify(columns.map(({ name }) => name));
  return listed(before) === listed(now) &&
    names.every((name) => shapeOf(before, name) === shapeOf(now, name));
}
