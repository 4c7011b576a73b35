/** Compares some rows of a run with the table: those of one batch, in one transaction. */
import type { Ledger } from "../../ledger/ledger.ts";
import { fingerprint } from "../../ledger/table_fingerprint.ts";
import { createStage, dropStage } from "../../load/fill_stage.ts";
import { ownRows } from "../../load/own_rows.ts";
import { stageOf } from "../../load/stage_table.ts";
import { compareStaged } from "../../load/verify/compare_staged.ts";
import { encodeBatch, type EncodedBatch } from "../process/encode.ts";
import type { RunProgram } from "../program.ts";
import { explain } from "./allowance.ts";
import { chooseCompared, type Chosen } from "./choose_rows.ts";
import type { Compared, RowsToVerify } from "./compared.ts";
import type { Tally } from "./findings.ts";
import type { LaterRows } from "./later_rows.ts";
import { SampleList } from "./sample_list.ts";
import { stageRows } from "./stage_rows.ts";

export interface Look {
  /** The rows that may have replaced others. Null on the first look. */
  readonly later: LaterRows | null;
  /** There may be such rows: rows that have changed are looked at again. */
  readonly lookAgain: boolean;
}

/** The table is no longer as it was when the program was compiled. */
export class TableMoved extends Error {
  override readonly name = "TableMoved";
}

export type Verdict = {
  /** Look at these rows again, with the later ones. Nothing was counted. */
  readonly again: boolean;
  /** The numbers of rows that have no key. They are not counted. */
  readonly keyless: readonly number[];
};

/** Throws TableMoved. */
export async function verifyRows(
  ledger: Ledger,
  compared: Compared,
  rows: RowsToVerify,
  look: Look,
  tally: Tally,
): Promise<Verdict> {
  const { program } = compared;
  const encoded = encodeBatch(program, rows.read, program.pipeline.programs);
  const chosen = chooseCompared(compared, rows, encoded);
  const work = () => compare(ledger, compared, rows, { ...look, encoded, chosen }, tally);
  // The second look has a transaction for all batches.
  return look.later === null ? await inItsTransaction(ledger, compared, work) : await work();
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
      await createStage(session, how.plan);
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

/** SQL: nobody can alter the table until the transaction ends; returns its fingerprint. */
export function holdToRead(ledger: Ledger, program: RunProgram): string {
  const { table } = program.loadPlan;
  return `set local client_min_messages = warning;
    explain select from ${ownRows(table)};
    select ${fingerprint(ledger, program.target.name)} as fingerprint`;
}

interface Prepared extends Look {
  readonly encoded: EncodedBatch;
  readonly chosen: Chosen;
}

async function compare(
  ledger: Ledger,
  compared: Compared,
  { allowances, onlyCreated }: RowsToVerify,
  { encoded, chosen, later, lookAgain }: Prepared,
  tally: Tally,
): Promise<Verdict> {
  const { session } = ledger;
  const { how, run } = compared;
  const { order } = chosen;
  await later?.stage.use(compared);
  const refused = await stageRows(session, compared, encoded, order);
  const columns = onlyCreated ? how.inserted : how.updated;
  const numberAt = (position: number) =>
    encoded.places.rowNumbers[encoded.goodRecords[order[position]]];
  const found = how.plan.key.length === 0
    ? { changed: [], newer: [], gone: [], keyless: [...order.keys()] }
    : await compareStaged(session, how, columns, order.length);
  if (lookAgain && later === null && found.changed.length > 0) return { again: true, keyless: [] };
  const replaced = later === null
    ? new Set<number>()
    : await later.findReplaced(compared, found.changed, numberAt);
  const unexplained = {
    ...found,
    changed: found.changed.filter((position) => !replaced.has(position)),
  };
  const { skipped, taken, failed } = allowances;
  const before = { left: skipped.left + taken.left, failed: failed.left };
  const { changed, gone } = explain(how.plan, unexplained, allowances);
  const unread = failed.take([...refused.keys()]);
  const allowed = before.left - skipped.left - taken.left;
  const absorbed = before.failed - failed.left;
  const compareCount = order.length - refused.size - found.keyless.length;
  const differing = unexplained.changed.length + unexplained.gone.length;
  const same = compareCount - replaced.size - differing;
  // Rows that failed without being logged may even be like those of the table.
  const unknown = Math.min(same, failed.left);
  tally.add({
    as_written: same - unknown,
    skipped: chosen.skipped + allowed,
    replaced: replaced.size,
    changed: changed.length + chosen.unwritable.size + unread.length,
    gone: gone.length,
  });
  tally.unlogged += absorbed + unknown;
  tally.guessedSkipped += allowed;
  const list = new SampleList(run.id, encoded, order, tally);
  for (const [record, message] of chosen.unwritable) list.unwritable(record, message);
  for (const position of unread) list.unreadable(position, refused.get(position) ?? "");
  await list.read(session, how, columns, changed, "changed");
  await list.read(session, how, columns, gone, "gone");
  return { again: false, keyless: found.keyless.map(numberAt) };
}
