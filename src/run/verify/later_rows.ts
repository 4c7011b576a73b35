/**
 * Rows that were loaded after others, and may have the same keys: those that waited for a later
 * phase, and those of retries. Their keys are put into a temporary table. A row whose key is there
 * with a higher number was replaced.
 */
import { identifier, identifiers, qualified } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";
import { sameKeyCondition, updatedColumns } from "../../load/merge_conditions.ts";
import { stageOf } from "../../load/stage_table.ts";
import type { Comparable } from "../../load/verify/comparable.ts";
import { encodeBatch } from "../process/encode.ts";
import { ReusedStage } from "./reused_stage.ts";
import type { Compared, RowsToVerify } from "./compared.ts";
import { stageRows } from "./stage_rows.ts";

const LATER = 'pg_temp."ingest later rows"';
/** Each retry's rows count as later than those of the runs before it. */
const RUN = 2 ** 40;

export class LaterRows {
  readonly #session: Session;
  /** How the chain's first run finds its rows. */
  readonly #how: Comparable;
  /** The chain's runs, in their order. */
  readonly #runs: readonly number[];
  readonly stage: ReusedStage;

  constructor(session: Session, how: Comparable, runs: readonly number[]) {
    this.#session = session;
    this.#how = how;
    this.#runs = runs;
    this.stage = new ReusedStage(session);
  }

  /** In the open transaction. */
  async create(): Promise<void> {
    const { table, key } = this.#how.plan;
    await this.#session.query(
      `create temporary table ${LATER} on commit drop as
         select 0::bigint as ${this.#number}, ${identifiers(key, "t.")}
         from ${qualified(table)} t with no data`,
    );
  }

  /** Adds the keys of these rows, without those that failed. */
  async add(compared: Compared, rows: RowsToVerify): Promise<void> {
    const { program, how } = compared;
    const { key } = this.#how.plan;
    // A retry by another definition may not even have these columns.
    if (!key.every((name) => how.plan.columns.includes(name))) return;
    const encoded = encodeBatch(program, rows.read, program.pipeline.programs);
    const failed = new Set(rows.outcomes.failed);
    const { rowNumbers } = encoded.places;
    const numberOf = (row: number) => rowNumbers[encoded.goodRecords[row]];
    const order = Int32Array.from(encoded.goodRecords, (_, row) => row)
      .filter((row) => !failed.has(numberOf(row)));
    await this.stage.use(compared);
    await stageRows(this.#session, compared, encoded, order);
    const { table, position } = stageOf(how.plan);
    await this.#session.query(
      `insert into ${LATER} select l.number, ${identifiers(key, "s.")}
       from ${table} s
       join unnest($1::bigint[]) with ordinality l (number, at) on l.at = s.${position} + 1`,
      [Array.from(order, (row) => this.#place(compared, numberOf(row)))],
    );
  }

  /** Those of the staged rows, by their positions, that a later row has replaced. */
  async findReplaced(
    compared: Compared,
    positions: readonly number[],
    numberAt: (position: number) => number,
  ): Promise<ReadonlySet<number>> {
    const { plan } = this.#how;
    const { columns } = compared.how.plan;
    if (positions.length === 0 || !plan.key.every((name) => columns.includes(name))) {
      return new Set();
    }
    const { table, position } = stageOf(compared.how.plan);
    // The condition calls the later row `t`.
    const same = sameKeyCondition({ ...plan, keyPredicate: null });
    const [{ replaced }] = await this.#session.query<{ replaced: readonly number[] }>(
      `select coalesce(array_agg(c.position), '{}') as replaced
       from unnest($1::int[], $2::bigint[]) c (position, number)
       join ${table} s on s.${position} = c.position
       where exists (select from ${LATER} t where ${same} and t.${this.#number} > c.number)`,
      [positions, positions.map((each) => this.#place(compared, numberAt(each)))],
    );
    return new Set(replaced);
  }

  get #number(): string {
    const taken = new Set(this.#how.plan.key);
    let name = "ingest row";
    while (taken.has(name)) name += " ";
    return identifier(name);
  }

  #place({ run }: Compared, row: number): number {
    return this.#runs.indexOf(run.id) * RUN + row;
  }
}

/** Can rows of the run have replaced others of it? */
export function mayReplace({ how, program }: Compared): boolean {
  const { onDuplicate, key } = program.loadPlan;
  const updates = onDuplicate === "update" || onDuplicate === "update_if_newer";
  return updates && key.length > 0 && updatedColumns(program.loadPlan).length > 0 &&
    how.plan.key.length > 0;
}
