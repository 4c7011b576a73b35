/** Compares the other tables of a run with what its rows should have brought there. */
import type { Session } from "../../../db/session.ts";
import { createStage } from "../../../load/stage/fill_stage.ts";
import { stageOf } from "../../../load/stage/stage_table.ts";
import { readSamples } from "../../../load/verify/compare_staged.ts";
import type { Comparable } from "../../../load/verify/comparable.ts";
import { countedColumns } from "../../../load/verify/count_values.ts";
import {
  countDeviations,
  type Deviation,
  type DeviationCount,
  excuseDeviations,
  listDeviations,
} from "../../../load/verify/deviations.ts";
import {
  chooseFinal,
  compareChildren,
  type ExpectedChildren,
  readNotFound,
  stageFinal,
} from "../../../load/verify/expected_children.ts";
import { compareLinks } from "../../../load/verify/expected_links.ts";
import { listTriggers } from "../../../load/verify/triggers.ts";
import { type DifferingRow, NOTHING, type VerifiedTable } from "../findings.ts";
import type { FoundInTable } from "../found_by_table.ts";
import { valuesOf } from "../sample_list.ts";
import type { ExpectedTable, ExpectedTables } from "./expected_tables.ts";
import type { LeftOut } from "./related_run.ts";

export interface RelatedFindings {
  readonly tables: readonly FoundInTable[];
  readonly samples: readonly DifferingRow[];
  /** Rows that the run wrote are gone together with their table. */
  readonly isGone: boolean;
  readonly remarks: readonly string[];
}

export interface Noted {
  readonly tables: ExpectedTables;
  readonly leftOut: readonly LeftOut[];
  readonly excused: ReadonlyMap<number, number>;
}

type Counts = { -readonly [Name in keyof Required<VerifiedTable["rows"]>]: number };

export async function compareExpected(
  session: Session,
  { tables, leftOut, excused }: Noted,
  room: number,
): Promise<RelatedFindings> {
  const counts = new Map<number, Counts>();
  for (const table of tables.all) counts.set(table.node, await compare(session, table));
  const parts = [...excused.keys()];
  const forgiven = await excuseDeviations(session, parts, parts.map((part) => excused.get(part)!));
  for (const each of forgiven) move(counts, each, "skipped");
  const guessed = Map.groupBy(forgiven, ({ node }) => tables.all[node].plan.table.name);
  for (const each of await countDeviations(session)) move(counts, each, each.kind);
  return {
    tables: await byTable(session, tables, counts),
    samples: await samplesOf(session, tables.all, room),
    isGone: leftOut.some(({ gone }) => gone),
    remarks: [
      ...leftOut.map(({ table, because }) => `${table}: Not compared, because ${because}.`),
      ...[...tables.unfound].map(([table, others]) =>
        `${table} has no key that the file fills, so nothing tells which of its rows those of ` +
        `${others.join(", ")} belong to: not compared.`
      ),
      ...[...guessed].map(([table, each]) => {
        const rows = each.reduce((sum, { rows }) => sum + rows, 0);
        return `${table}: Which rows were skipped, or taken by a trigger, is not logged, only how ` +
          "many: " +
          (rows === 1
            ? "1 that differs is taken for one."
            : `${rows} that differ are taken for them.`);
      }),
      ...[...tables.missing].map(([table, rows]) =>
        rows === 1
          ? `One row can't be found in ${table}: what belongs to it is not looked for.`
          : `${rows} rows can't be found in ${table}: what belongs to them is not looked for.`
      ),
    ],
  };
}

/** `as_written`: all rows that should be there; what is not as it should be is taken off later. */
async function compare(
  session: Session,
  { node, name, plan, how }: ExpectedTable,
): Promise<Counts> {
  const none = { ...NOTHING, added: 0 };
  if (plan.kind === "links") {
    return { ...none, as_written: await compareLinks(session, node, name, plan) };
  }
  const expected = { node, name, plan: plan.plan, how: how! };
  const { all, final } = await chooseFinal(session, expected);
  await inStage(session, expected, () => compareChildren(session, expected, final));
  const left = plan.plan.onDuplicate === "update" ? "replaced" : "skipped";
  return { ...none, as_written: final, [left]: all - final };
}

async function inStage<T>(
  session: Session,
  expected: ExpectedChildren,
  work: () => Promise<T>,
): Promise<T> {
  await createStage(session, expected.plan);
  await stageFinal(session, expected);
  const result = await work();
  await session.query(`drop table ${stageOf(expected.plan).table}`);
  return result;
}

function move(
  counts: ReadonlyMap<number, Counts>,
  { node, kind, rows, expected }: DeviationCount,
  to: keyof Counts,
): void {
  const own = counts.get(node)!;
  // A link that should not be there was not counted.
  if (kind !== "added" && expected) own.as_written -= rows;
  if (kind !== "added" || to === "added") own[to] += rows;
}

/** Several entries of a definition may write to the same table. */
async function byTable(
  session: Session,
  tables: ExpectedTables,
  counts: ReadonlyMap<number, Counts>,
): Promise<readonly FoundInTable[]> {
  const found: FoundInTable[] = [];
  const byNumber = Map.groupBy(tables.all, ({ plan }) => plan.table.oid);
  for (const same of byNumber.values()) {
    const [{ plan, how }] = same;
    const { table } = plan;
    const rows = same.map(({ node }) => counts.get(node)!).reduce(sum);
    const { added, ...others } = rows;
    const differs = rows.changed + rows.gone + rows.not_found + added > 0;
    found.push({
      ...{ label: table.name, table, how, lost: [] },
      counts: { ...NOTHING, ...others },
      triggers: differs ? await listTriggers(session, table) : [],
      shown: {
        table: table.name,
        rows: { ...others, ...plan.kind === "links" && { added } },
        differs,
        found_by: plan.kind === "links"
          ? [plan.local.column.name, plan.foreign.column.name]
          : how!.plan.key,
        not_compared: how === null ? [] : [...how.unfilled, ...how.unreadable],
      },
    });
  }
  return found;
}

function sum(one: Counts, other: Counts): Counts {
  const all = { ...one };
  for (const name of Object.keys(all) as (keyof Counts)[]) all[name] += other[name];
  return all;
}

async function samplesOf(
  session: Session,
  tables: readonly ExpectedTable[],
  room: number,
): Promise<readonly DifferingRow[]> {
  const found = await listDeviations(session, Math.max(0, room));
  const rows: DifferingRow[] = [];
  for (const [node, own] of Map.groupBy(found, (each) => each.node)) {
    rows.push(...await samplesOfTable(session, tables[node], own));
  }
  return rows;
}

async function samplesOfTable(
  session: Session,
  { node, name, plan, how }: ExpectedTable,
  found: readonly Deviation[],
): Promise<readonly DifferingRow[]> {
  const base = ({ run, row_number, line, place, kind, message }: Deviation) => ({
    ...{ run, table: plan.table.name, row_number, line, place, message },
    result: kind,
  });
  if (plan.kind === "links") {
    const names = [plan.local.column.name, plan.foreign.column.name];
    return found.map((each) => ({
      ...base(each),
      key: Object.fromEntries(each.key === null ? [] : names.map((key, i) => [key, each.key![i]])),
      values: [],
    }));
  }
  const expected = { node, name, plan: plan.plan, how: how! };
  const shown = await shownValues(session, expected, found);
  return found.map((each) => ({ ...base(each), ...shown(each) }));
}

type Shown = Pick<DifferingRow, "key" | "values">;

async function shownValues(
  session: Session,
  expected: ExpectedChildren,
  found: readonly Deviation[],
): Promise<(each: Deviation) => Shown> {
  const { how } = expected;
  const numbers = (isWanted: (kind: Deviation["kind"]) => boolean) =>
    found.flatMap(({ kind, position }) => position !== null && isWanted(kind) ? [position] : []);
  const unfound = await readNotFound(session, expected, numbers((kind) => kind === "not_found"));
  const positions = numbers((kind) => kind !== "not_found");
  const staged = positions.length === 0 ? [] : await inStage(
    session,
    expected,
    () => readSamples(session, how, how.plan.columns, positions),
  );
  const samples = new Map(staged.map((sample) => [sample.position, sample]));
  return ({ kind, position }) => {
    if (position === null) return { key: {}, values: [] };
    if (kind === "not_found") {
      const texts = unfound.get(position) ?? [];
      const columns = countedColumns(how);
      return {
        key: {},
        values: columns.map((column, i) => ({ column, file: texts[i] ?? null, table: null })),
      };
    }
    const sample = samples.get(position)!;
    return { key: keyOf(how, sample.key), values: valuesOf(sample, how.plan.columns, kind) };
  };
}

function keyOf({ plan }: Comparable, values: readonly (string | null)[]): Shown["key"] {
  return Object.fromEntries(plan.key.map((name, index) => [name, values[index]]));
}
