/** The second look at rows that have changed: were they replaced by later rows of the same run? */
import type { Ledger } from "../../ledger/ledger.ts";
import { SourceError } from "../../source/error.ts";
import type { Changed, Keyless } from "./comparers.ts";
import { compileToVerify } from "./compile.ts";
import type { Tally } from "./findings.ts";
import { LaterRows } from "./later_rows.ts";
import type { Compared, RowsToVerify } from "./compared.ts";
import type { Member } from "./options.ts";
import type { Part } from "./read_rows.ts";
import { holdToRead, TableMoved, verifyRows } from "./verify_rows.ts";

export interface ChangedOf extends Changed {
  /** The run whose rows they are. */
  readonly run: number;
}

/**
 * All in one transaction, over one connection, because the keys of the later rows are in a temporary
 * table. `members`: all runs of the chain; `changed`: which rows of them are looked at.
 */
export async function lookAgain(
  ledger: Ledger,
  members: readonly Member[],
  changed: readonly ChangedOf[],
  tally: Tally,
): Promise<Keyless[]> {
  const { session } = ledger;
  const [{ run: root }] = members;
  for (;;) {
    const compared: Compared[] = [];
    for (const { run } of members) compared.push(await compileToVerify(ledger, run));
    try {
      return await session.transaction<Keyless[], { fingerprint: string | null }>(
        async ([now]) => {
          if (now.fingerprint !== compared[0].program.target.fingerprint) throw new TableMoved();
          return await look(ledger, members, changed, compared, tally);
        },
        root.settings,
        holdToRead(ledger, compared[0].program),
      );
    } catch (error) {
      if (!(error instanceof TableMoved)) throw error;
    } finally {
      for (const { program } of compared) await program.hooks?.close();
    }
  }
}

async function look(
  ledger: Ledger,
  members: readonly Member[],
  changed: readonly ChangedOf[],
  compared: readonly Compared[],
  tally: Tally,
): Promise<Keyless[]> {
  const runs = members.map(({ run }) => run.id);
  const later = new LaterRows(ledger.session, compared[0].how, runs);
  await later.create();
  for (const [index, { run, parts }] of members.entries()) {
    for (const part of parts) {
      // If rows of a run are loaded in order, none of them waits for a later phase.
      if (!part.later && !run.in_order) continue;
      const rows = await readAgain(ledger, compared[index], part);
      if (rows !== null) await later.add(compared[index], rows);
    }
  }
  const keyless: Keyless[] = [];
  for (const { run, part, rows, allowances } of changed) {
    const own = compared[runs.indexOf(run)];
    const read = await readAgain(ledger, own, part);
    if (read === null) {
      tally.unreadable({ ...part, rows: rows.length });
      continue;
    }
    const look = { leavesChanged: false, second: { later, only: new Set(rows) } };
    const found = await verifyRows(ledger, own, { ...read, allowances }, look, tally);
    if (found.keyless.length > 0) keyless.push({ compared: own, part, rows: found.keyless });
  }
  await later.stage.drop();
  return keyless;
}

/** Null if the file has changed there. */
export async function readAgain(
  ledger: Ledger,
  { program }: Compared,
  part: Part,
): Promise<RowsToVerify | null> {
  try {
    return await part.read(ledger, program);
  } catch (error) {
    if (error instanceof SourceError) return null;
    throw error;
  }
}
