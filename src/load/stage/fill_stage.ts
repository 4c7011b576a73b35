/** Creates the staging table and copies rows into it. */
import type { Session } from "../../db/session.ts";
import { type Attempt, isolate } from "../refusal/isolate.ts";
import { identifier, literal, qualified } from "../../db/quoting.ts";
import type { NumberedRows } from "./numbered_rows.ts";
import type { LoadPlan } from "../load_plan.ts";
import { unlessMisled } from "./misleading_statistics.ts";
import { copyRow } from "../refusal/refusal.ts";
import { asRefusal, NOT_TOGETHER, type RowRefusal } from "../refusal/refuse.ts";
import { copyData, copyStatement } from "../encoded_rows.ts";
import { stageColumns, stageOf } from "./stage_table.ts";
import { undoableAtOnce } from "../refusal/undoable.ts";

/**
 * The same message looks whether the table's statistics mislead (misleading_statistics.ts).
 *
 * `keepsOldValues`: a batch's old and new values together don't fit into the usual 4 MB of `work_mem`.
 * In temporary files the update of a file takes 3 to 8 % longer (Postgres 15).
 */
export async function createStage(
  session: Session,
  plan: LoadPlan,
  keepsOldValues = false,
): Promise<void> {
  await session.query(
    `${keepsOldValues ? MORE_MEMORY : ""} ${
      plan.table.stagesByFunction === true ? stageByFunction(plan) : ownStage(plan)
    };
    ${unlessMisled(plan.table.oid)}`,
  );
}

function ownStage(plan: LoadPlan): string {
  const stage = stageOf(plan);
  const columns = plan.columns.map((name) => stagedColumn(plan, name));
  if (plan.compare?.extra) columns.push(`t.${identifier(plan.compare.target)} as ${stage.compare}`);
  for (const name of stage.related) columns.push(`null::json as ${identifier(name)}`);
  const [kind, end] = stage.temporary ? ["temporary", "on commit drop"] : ["unlogged", ""];
  // The table exists already if a dry run continues in the same transaction (`clearStage`).
  return `create ${kind} table if not exists ${stage.table} ${end} as
    select 0::int as ${stage.position}, ${columns.join(", ")}
    from ${qualified(plan.table)} t with no data`;
}

function stageByFunction(plan: LoadPlan): string {
  const columns = stageColumns(plan);
  const array = (texts: readonly (string | null)[]) =>
    `array[${texts.map((text) => text === null ? "null" : literal(text)).join(", ")}]::text[]`;
  const { schema, name } = stageOf(plan);
  return `select ${schema}.create_stage(${literal(name)},
    ${plan.table.oid}, ${array(columns.map(({ name }) => name))},
    ${array(columns.map(({ source }) => source))})`;
}

/** Until the end of the transaction. Never less than the server's own setting. */
const MORE_MEMORY = `select set_config('work_mem', '32MB', true)
  where pg_size_bytes(current_setting('work_mem')) < pg_size_bytes('32MB');`;

/**
 * SQL: a column of the stage, which has the type of the table's. A value that may be kept can be
 * missing here, even if its domain allows no NULL.
 */
function stagedColumn({ table, kept }: LoadPlan, name: string): string {
  const column = `t.${identifier(name)}`;
  const { domainOf = null } = table.columns.find((each) => each.name === name) ?? {};
  return domainOf !== null && kept.includes(name)
    ? `${column}::${domainOf} as ${identifier(name)}`
    : column;
}

/**
 * Empties the stage, if it exists, for another batch of the same run in the same transaction.
 * Dropping and creating it for each batch would fill the server's lock table.
 */
export async function clearStage(session: Session, plan: LoadPlan): Promise<void> {
  const { table } = stageOf(plan);
  const [{ exists }] = await session.query<{ exists: boolean }>(
    "select to_regclass($1) is not null as exists",
    [table],
  );
  if (exists) await session.query(`truncate ${table}`);
}

/** Drops the stage at the end of a batch, if Postgres doesn't. */
export async function dropStage(session: Session, plan: LoadPlan): Promise<void> {
  const { table, schema, name, temporary } = stageOf(plan);
  if (temporary) return;
  await session.query(
    plan.table.stagesByFunction === true
      ? `select ${schema}.drop_stage(${literal(name)})`
      : `drop table if exists ${table}`,
  );
}

/**
 * Copies rows into the stage. `columns`: the columns that the rows contain, by default all of them.
 * Postgres refuses values that it can't read here, naming the line. `refuse` gets their positions.
 */
export async function fillStage(
  session: Session,
  plan: LoadPlan,
  staged: NumberedRows,
  refuse: (position: number, refusal: RowRefusal) => void,
  columns: readonly string[] = plan.columns,
): Promise<void> {
  const stage = stageOf(plan);
  const names = [stage.position, ...columns.map(identifier)];
  if (plan.compare?.extra) names.push(stage.compare);
  names.push(...stage.related.map(identifier));
  const copy = copyStatement(stage.table, names.join(", "), staged.format);
  const attempt = (from: number, to: number) =>
    attemptStageCopy(session, plan, copy, staged, from, to);
  await isolate(0, staged.ends.length, attempt, refuse);
}

function attemptStageCopy(
  session: Session,
  plan: LoadPlan,
  copy: string,
  staged: NumberedRows,
  from: number,
  to: number,
): Promise<Attempt<RowRefusal>> {
  const chunk = staged.bytes.subarray(from === 0 ? 0 : staged.ends[from - 1], staged.ends[to - 1]);
  return undoableAtOnce(
    session,
    async (before, after) => {
      const data = copyData(staged.format, chunk);
      const copied = await session.copyIn(`${before}; ${copy}; ${after}`, data);
      if (copied === to - from) return;
      throw new Error(
        `COPY wrote ${copied} rows to the staging table, but ${to - from} were sent`,
      );
    },
    asRefusal(plan.table),
    (refusal) => {
      const at = refusal === NOT_TOGETHER ? null : copyRow(refusal, stageOf(plan).name);
      return at === null || from + at >= to ? null : from + at;
    },
    "",
    plan.checksAtEnd,
  );
}
