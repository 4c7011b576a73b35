/** Compares some rows of a run with the table: those of one batch, in one transaction. */
import { PostgresError, type Session } from "../../db/session.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { fingerprint } from "../../ledger/table_fingerprint.ts";
import { createStage, dropStage } from "../../load/stage/fill_stage.ts";
import { ownRows } from "../../load/own_rows.ts";
import type { LoadPlan } from "../../load/load_plan.ts";
import { stageOf } from "../../load/stage/stage_table.ts";
import { compareStaged } from "../../load/verify/compare_staged.ts";
import type { EncodedBatch } from "../process/encode.ts";
import { encodeToCompare } from "../process/resolve.ts";
import { routesOf, type RunProgram } from "../program.ts";
import { explain } from "./allowance.ts";
import { chooseCompared, chooseOnly, type Chosen } from "./choose_rows.ts";
import type { Compared, RowsToVerify } from "./compared.ts";
import { cannotStage } from "./compile.ts";
import type { Tally } from "./findings.ts";
import type { LaterRows } from "./later_rows.ts";
import { SampleList } from "./sample_list.ts";
import { stageRows } from "./stage_rows.ts";

/** The second look, at rows that have changed: may others have replaced them? */
export interface SecondLook {
  readonly later: LaterRows;
  /** The numbers of the rows. */
  readonly only: ReadonlySet<number>;
}

export interface Look {
  /** There may be rows that have replaced others: rows that have changed are left to a second look. */
  readonly leavesChanged: boolean;
  readonly second: SecondLook | null;
}

/** The table is no longer as it was when the program was compiled. */
export class TableMoved extends Error {
  override readonly name = "TableMoved";
}

/** The numbers of rows that were not counted. */
export interface Uncounted {
  /** They are left to the second look. */
  readonly changed: readonly number[];
  /** No key finds them. */
  readonly keyless: readonly number[];
}

/** Throws TableMoved. */
export async function verifyRows(
  ledger: Ledger,
  compared: Compared,
  rows: RowsToVerify,
  look: Look,
  tally: Tally,
): Promise<Uncounted> {
  const { program } = compared;
  const { second } = look;
  const encoded = await encodeToCompare(ledger.session, program, rows.read);
  const all = chooseCompared(compared, rows, encoded);
  const chosen = second === null ? all : chooseOnly(all, encoded, second.only);
  const work = () => compare(ledger, compared, rows, { ...look, encoded, chosen }, tally);
  // The second look has a transaction for all batches.
  return second === null ? await inItsTransaction(ledger, compared, work) : await work();
}

/** The stage is all that is written, and it is gone when the transaction ends. */
async function inItsTransaction<T>(
  ledger: Ledger,
  { run, program, how }: Compared,
  work: () => Promise<T>,
): Promise<T> {
  const { session } = ledger;
  return await session.transaction<T, { fingerprint: string | null }>(
    async ([now]) => {
      if (now.fingerprint !== program.target.fingerprint) throw new TableMoved();
      await makeStage(session, run, how.plan);
      const { temporary } = stageOf(how.plan);
      // Only temporary tables can be written to from here on.
      if (temporary) await session.query("set local transaction_read_only = on");
      const result = await work();
      if (!temporary) await dropStage(session, how.plan);
      return result;
    },
    run.settings,
    holdToRead(ledger, program),
  );
}

/** Throws Refused if the role may not create it. */
async function makeStage(session: Session, run: Run, plan: LoadPlan): Promise<void> {
  try {
    await createStage(session, plan);
  } catch (error) {
    const isDenied = error instanceof PostgresError && error.code === INSUFFICIENT_PRIVILEGE;
    throw isDenied && plan.table.stagesByFunction === true ? cannotStage(run, plan.table) : error;
  }
}

const INSUFFICIENT_PRIVILEGE = "42501";

/** SQL: nobody can alter the program's tables until the transaction ends; returns the run's fingerprint. */
export function holdToRead(ledger: Ledger, program: RunProgram): string {
  const tables = routesOf(program).map(({ loadPlan }) => loadPlan.table);
  return `set local client_min_messages = warning;
    ${tables.map((table) => `explain select from ${ownRows(table)};`).join("\n")}
    select ${fingerprint(ledger, program.target.names)} as fingerprint`;
}

interface Prepared extends Look {
  readonly encoded: EncodedBatch;
  readonly chosen: Chosen;
}

async function compare(
  ledger: Ledger,
  compared: Compared,
  { allowances, onlyCreated }: RowsToVerify,
  { encoded, chosen, leavesChanged, second }: Prepared,
  tally: Tally,
): Promise<Uncounted> {
  const { session } = ledger;
  const { how } = compared;
  const { order } = chosen;
  await second?.later.stage.use(compared);
  // Without any key, rows are staged when they are counted.
  const hasKey = how.plan.key.length > 0;
  const refused = hasKey ? await stageRows(session, compared, encoded, order) : NONE;
  const columns = onlyCreated ? how.inserted : how.updated;
  const numberAt = (position: number) =>
    encoded.places.rowNumbers[encoded.goodRecords[order[position]]];
  const found = hasKey
    ? await compareStaged(session, how, columns, order.length)
    : { ...ALIKE, keyless: [...order.keys()] };
  const replaced = second === null
    ? new Set<number>()
    : await second.later.findReplaced(compared, found.changed, numberAt);
  const left = leavesChanged ? found.changed : [];
  const unexplained = leavesChanged
    ? { ...found, changed: [], newer: [] }
    : { ...found, changed: found.changed.filter((position) => !replaced.has(position)) };
  const { skipped, taken, failed } = allowances;
  const before = { skipped: skipped.left + taken.left, failed: failed.left };
  const { changed, gone } = explain(how.plan, unexplained, allowances);
  const unread = failed.take([...refused.keys()]);
  const guessed = before.skipped - skipped.left - taken.left;
  // What failed without being logged may even be like a row of the table.
  const unknown = left.length > 0 || !hasKey ? 0 : failed.takeAll();
  const differing = unexplained.changed.length + unexplained.gone.length + left.length;
  tally.add({
    as_written: order.length - refused.size - found.keyless.length - replaced.size - differing -
      unknown,
    skipped: chosen.skipped + guessed,
    replaced: replaced.size,
    changed: changed.length + chosen.unwritable.size + unread.length,
    gone: gone.length,
  }, compared);
  tally.unlogged += before.failed - failed.left;
  tally.guessedSkipped += guessed;
  const list = new SampleList(compared, encoded, order, tally);
  for (const [record, message] of chosen.unwritable) list.unwritable(record, message);
  for (const position of unread) list.unreadable(position, refused.get(position) ?? "");
  await list.read(session, how, columns, changed, "changed");
  await list.read(session, how, columns, gone, "gone");
  return { changed: left.map(numberAt), keyless: found.keyless.map(numberAt) };
}

const NONE: ReadonlyMap<number, string> = new Map();
const ALIKE = { changed: [], newer: [], gone: [] };
