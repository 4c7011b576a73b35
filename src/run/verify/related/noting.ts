/** Notes what the rows of runs should have brought to other tables, part by part. */
import type { Session } from "../../../db/session.ts";
import type { CountsByTable } from "../../../ledger/batches/loaded_batches.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import { retryOf } from "../../../ledger/runs/retries.ts";
import { childPlans, type LoadPlan } from "../../../load/load_plan.ts";
import { ownRows } from "../../../load/own_rows.ts";
import { clearStage, createStage } from "../../../load/stage/fill_stage.ts";
import { stageOf } from "../../../load/stage/stage_table.ts";
import { comparable } from "../../../load/verify/comparable.ts";
import { addDeviation, createDeviations } from "../../../load/verify/deviations.ts";
import { SourceError } from "../../../source/error.ts";
import type { EncodedBatch } from "../../process/encode.ts";
import { encodeToCompare } from "../../process/resolve.ts";
import { chooseCompared } from "../choose_rows.ts";
import type { Compared } from "../compared.ts";
import type { Member } from "../options.ts";
import type { Part, PartRows } from "../read_rows.ts";
import { stageRows } from "../stage_rows.ts";
import { ExpectedTables } from "./expected_tables.ts";
import { compileRelated, type LeftOut } from "./related_run.ts";

/** What whoever notes wants to do with a part. */
export interface PartsOfNoting {
  /** False: nothing of it is noted. `plan`: of the run's own rows, with all that belongs to them. */
  readonly wants?: (rows: PartRows, plan: LoadPlan) => boolean;
  /** It is noted, and its rows are still staged. `number`: of the part. */
  readonly noted?: (rows: PartRows, number: number) => Promise<void>;
  /** It is done with. */
  readonly done?: (part: Part) => void;
}

const PLACES = 'pg_temp."ingest places"';

/** In an open transaction, at whose end all is forgotten. */
export class Noting {
  readonly #ledger: Ledger;
  readonly #session: Session;
  readonly #parts: PartsOfNoting;
  readonly tables: ExpectedTables;
  readonly leftOut: LeftOut[] = [];
  /** By part: of how many rows nobody knows whether they brought anything. */
  readonly excused = new Map<number, number>();
  #nextPart = 0;

  constructor(ledger: Ledger, parts: PartsOfNoting) {
    this.#ledger = ledger;
    this.#session = ledger.session;
    this.#parts = parts;
    this.tables = new ExpectedTables(ledger.session);
  }

  async begin(): Promise<void> {
    await createDeviations(this.#session);
    await this.#session.query(
      `create temporary table ${PLACES} (position int, row_number bigint, line bigint, place text)
       on commit drop`,
    );
  }

  async add({ run, parts }: Member): Promise<void> {
    const { program, leftOut } = await compileRelated(this.#ledger, run);
    const isKnown = (one: LeftOut) =>
      this.leftOut.some(({ table, because }) => table === one.table && because === one.because);
    this.leftOut.push(...leftOut.filter((one) => !isKnown(one)));
    const { loadPlan, pipeline } = program;
    if ((loadPlan.related ?? []).length === 0) return;
    const defaulted = pipeline.programs.filter(({ takesDefault }) => takesDefault)
      .map(({ target }) => target);
    const compared = { run, program, how: comparable(loadPlan, defaulted), label: null };
    const plans = allPlans(compared.how.plan);
    // Nobody can alter them until the end.
    const tables = plans.flatMap(({ table, related = [] }) => [
      table,
      ...related.map((part) => part.table),
    ]);
    for (const table of tables) await this.#session.query(`explain select from ${ownRows(table)}`);
    for (const plan of plans) await createStage(this.#session, plan);
    const isFile = retryOf(run) === null;
    for (const part of parts) {
      await this.#addPart(compared, part, isFile ? this.#nextPart++ : this.#nextPart);
      this.#parts.done?.(part);
    }
    if (!isFile) this.#nextPart++;
    for (const plan of plans) await this.#session.query(`drop table ${stageOf(plan).table}`);
    await program.hooks?.close();
  }

  /** `number`: rows of a retry are one part, because it is counted only of all how many were skipped. */
  async #addPart(compared: Compared, part: Part, number: number): Promise<void> {
    const { run, program, how } = compared;
    const rows = await readPart(this.#ledger, compared, part);
    if (rows === null || this.#parts.wants?.(rows, how.plan) === false) return;
    const known = rows.counts.of(program, new Set(rows.outcomes.failed).size);
    const encoded = await encodeToCompare(this.#session, program, rows.read);
    const chosen = chooseCompared(compared, { ...rows, ...known }, encoded);
    this.excused.set(number, excusedRows(how.plan, known.allowances, rows.related));
    await clearStage(this.#session, how.plan);
    const refused = await stageRows(this.#session, compared, encoded, chosen.order);
    await this.#placeRows(encoded, chosen.order);
    await this.tables.note({
      plan: how.plan,
      how,
      programs: program.pipeline.related.map((each) => each.program),
      origin: { places: PLACES, run: run.id, part: number },
    }, chosen.order.length - refused.size);
    for (const record of chosen.unwritable.keys()) {
      await this.#addUnreadable(compared, encoded, record, number);
    }
    await this.#parts.noted?.(rows, number);
  }

  async #placeRows({ places, goodRecords }: EncodedBatch, order: Int32Array): Promise<void> {
    const { rowNumbers, lines } = places;
    const records = Array.from(order, (row) => goodRecords[row]);
    await this.#session.query(
      `truncate ${PLACES};`,
    );
    await this.#session.execute(
      `insert into ${PLACES} select place - 1, number, line, ''
       from unnest($1::bigint[], $2::bigint[]) with ordinality as rows (number, line, place)`,
      [records.map((record) => rowNumbers[record]), records.map((record) => lines[record])],
    );
  }

  /** What a row brought then can't even be read now: what it looked up is gone, say. */
  async #addUnreadable(
    { run, how }: Compared,
    { bad, places }: EncodedBatch,
    record: number,
    part: number,
  ): Promise<void> {
    const labels = (how.plan.related ?? []).map(({ label }) => label);
    for (const { column, message, value } of bad.get(record) ?? []) {
      const label = labels.find((each) => column === each || column?.startsWith(`${each}.`));
      const table = this.tables.all.find(({ plan }) => plan.label === label);
      if (label === undefined || table === undefined) continue;
      await addDeviation(this.#session, part, {
        ...{ node: table.node, kind: "changed", run: run.id },
        message: value === null ? message : `${value}: ${message}`,
        ...{ row_number: places.rowNumbers[record], line: places.lines[record], place: label },
      });
      return;
    }
  }
}

/** The plan, and those of its children, at any depth. */
export function allPlans(plan: LoadPlan): readonly LoadPlan[] {
  return [plan, ...childPlans(plan).flatMap(allPlans)];
}

/** Null if the file has changed there, which is counted when the rows themselves are compared. */
async function readPart(
  ledger: Ledger,
  { program }: Compared,
  part: Part,
): Promise<PartRows | null> {
  try {
    return await part.read(ledger, program);
  } catch (error) {
    if (error instanceof SourceError) return null;
    throw error;
  }
}

/**
 * Rows that were skipped bring nothing, nor do children that were there already. A trigger may have taken
 * what was brought.
 */
function excusedRows(
  plan: LoadPlan,
  { skipped, failed }: ReturnType<PartRows["counts"]["of"]>["allowances"],
  related: CountsByTable,
): number {
  const { onDuplicate } = plan;
  const leftAlone = onDuplicate === "skip" || onDuplicate === "update_if_newer";
  const children = allPlans(plan).slice(1)
    .filter((child) => child.onDuplicate === "skip" && child.key.length > 0)
    .reduce((sum, { table }) => sum + (related[table.name]?.skipped ?? 0), 0);
  const tables = new Set(
    allPlans(plan).flatMap(({ related = [] }) => related.map(({ table }) => table.name)),
  );
  const taken = [...tables].reduce((sum, name) => sum + (related[name]?.taken ?? 0), 0);
  return (leftAlone ? skipped.left : 0) + failed.left + children + taken;
}
