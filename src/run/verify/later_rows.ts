/**
 * Rows that were loaded after others, and may have the same keys: those that waited for a later
 * phase, and those of retries. Their keys are put into a temporary table. A row whose key is there
 * with a higher number was replaced.
 */
import { identifier, identifiers, qualified } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";
import { sameKeyCondition, updatedColumns } from "../../load/merge/merge_conditions.ts";
import { ownRows } from "../../load/own_rows.ts";
import { stageOf } from "../../load/stage/stage_table.ts";
import type { Comparable } from "../../load/verify/comparable.ts";
import { encodeToCompare } from "../process/resolve.ts";
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
    const { table, key, compare } = this.#how.plan;
    const [number, always, value] = this.#names;
    const columns = [
      `0::bigint as ${number}`,
      `true as ${always}`,
      `${compare === null ? "null::int" : `t.${identifier(compare.target)}`} as ${value}`,
      identifiers(key, "t."),
    ];
    await this.#session.query(
      `create temporary table ${LATER} on commit drop as
         select ${columns.join(", ")} from ${qualified(table)} t with no data`,
    );
  }

  /** In the same transaction. */
  async drop(): Promise<void> {
    await this.stage.drop();
    await this.#session.query(`drop table ${LATER}`);
  }

  /** Adds the keys of these rows, without those that failed. */
  async add(compared: Compared, rows: RowsToVerify): Promise<void> {
    const { program, how } = compared;
    const { key } = this.#how.plan;
    // A retry by another definition may not even have these columns, or update no rows.
    if (!mayReplace(compared) || !key.every((name) => how.plan.columns.includes(name))) return;
    const encoded = await encodeToCompare(this.#session, program, rows.read);
    const failed = new Set(rows.outcomes.failed);
    const { rowNumbers } = encoded.places;
    const numberOf = (row: number) => rowNumbers[encoded.goodRecords[row]];
    const order = Int32Array.from(encoded.goodRecords, (_, row) => row)
      .filter((row) => !failed.has(numberOf(row)));
    await this.stage.use(compared);
    await stageRows(this.#session, compared, encoded, order);
    const { table, position } = stageOf(how.plan);
    const columns = [
      "l.number",
      String(how.plan.onDuplicate === "update"),
      this.#comparedValue(compared) ?? "null",
      identifiers(key, "s."),
    ];
    await this.#session.query(
      `insert into ${LATER} select ${columns.join(", ")}
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
    const [number] = this.#names;
    // To compare the rows with the table, joins by hashes were turned off (compare_staged.ts). Here, a
    // loop would look at all later rows for each row: minutes, if there are hundreds of thousands.
    await this.#session.query("set local enable_hashjoin = on; set local enable_nestloop = off");
    const [{ replaced }] = await this.#session.query<{ replaced: readonly number[] }>(
      `select coalesce(array_agg(c.position), '{}') as replaced
       from unnest($1::int[], $2::bigint[]) c (position, number)
       join ${table} s on s.${position} = c.position
       where exists (select from ${LATER} t
         where ${same} and t.${number} > c.number and ${this.#wasApplied(compared)})`,
      [positions, positions.map((each) => this.#place(compared, numberAt(each)))],
    );
    await this.#session.query("set local enable_nestloop = on");
    return new Set(replaced);
  }

  /** SQL: the later row `t` has updated the row that the staged row `s` had written. */
  #wasApplied(compared: Compared): string {
    const [, always, later] = this.#names;
    const { plan } = this.#how;
    const { table, compare } = plan;
    const value = this.#comparedValue(compared);
    if (value === null || compare === null) return `t.${always}`;
    const greater = table.columns.find(({ name }) => name === compare.target)?.greater ?? ">";
    if (!compare.extra) {
      return `(t.${always} or t.${later} is not null
        and (${value} is null or t.${later} ${greater} ${value}))`;
    }
    // The import doesn't write how new a row is, so both rows were compared with the table's. In this
    // subquery's FROM, the first `t` is still the later row; then it is the table's.
    const target = `t.${identifier(compare.target)}`;
    return `(t.${always} or exists (
      select from (select t.${later} as value) later, ${ownRows(table)} t
      where ${sameKeyCondition({ ...plan, keyPredicate: null })}
        and later.value is not null and (${target} is null or later.value ${greater} ${target})))`;
  }

  /** SQL: how new the staged row `s` is; null if that doesn't matter. */
  #comparedValue({ how: { plan } }: Compared): string | null {
    const { compare, onDuplicate } = plan;
    if (onDuplicate !== "update_if_newer" || compare === null) return null;
    if (compare.target !== this.#how.plan.compare?.target) return null;
    return `s.${compare.extra ? stageOf(plan).compare : identifier(compare.target)}`;
  }

  /** SQL: the columns of the row's number, of whether it updates any row, and of how new it is. */
  get #names(): readonly string[] {
    const taken = new Set(this.#how.plan.key);
    return ["number", "always", "newness"].map((what) => {
      let name = `ingest ${what}`;
      while (taken.has(name)) name += " ";
      return identifier(name);
    });
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
