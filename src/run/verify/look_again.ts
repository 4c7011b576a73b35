/** The second look at rows that have changed: were they replaced by later rows of the same run? */
import type { Ledger } from "../../ledger/ledger.ts";
import type { Changed, Keyless } from "./comparers.ts";
import { compileAgain, type CompiledRun } from "./compile.ts";
import type { Tally } from "./findings.ts";
import { LaterRows } from "./later_rows.ts";
import type { Member } from "./options.ts";
import { readAgain } from "./rows_by_table.ts";
import { holdToRead, TableMoved, verifyRows } from "./verify_rows.ts";

export interface CompiledMember extends Member {
  readonly compiled: CompiledRun;
}

export interface ChangedOf extends Changed {
  /** The run whose rows they are. */
  readonly run: number;
}

/**
 * All in one transaction, over one connection, because the keys of the later rows are in a temporary
 * table. `members`: all runs of the chain, and what they were compiled to; `changed`: which rows of
 * them are looked at.
 */
export async function lookAgain(
  ledger: Ledger,
  members: readonly CompiledMember[],
  changed: readonly ChangedOf[],
  tally: Tally,
): Promise<Keyless[]> {
  const { session } = ledger;
  const [{ run: root }] = members;
  for (;;) {
    const compiled: CompiledRun[] = [];
    for (const each of members) compiled.push(await compileAgain(ledger, each.compiled));
    const [{ program }] = compiled;
    try {
      return await session.transaction<Keyless[], { fingerprint: string | null }>(
        async ([now]) => {
          if (now.fingerprint !== program.target.fingerprint) throw new TableMoved();
          const byTable = Map.groupBy(changed, ({ compared }) => compared.how.plan.table.oid);
          const keyless: Keyless[] = [];
          for (const rows of byTable.values()) {
            keyless.push(...await look(ledger, members, rows, compiled, tally));
          }
          return keyless;
        },
        root.settings,
        holdToRead(ledger, program),
      );
    } catch (error) {
      if (!(error instanceof TableMoved)) throw error;
    } finally {
      for (const { program } of compiled) await program.hooks?.close();
    }
  }
}

/** At the rows of one table. */
async function look(
  ledger: Ledger,
  members: readonly Member[],
  changed: readonly ChangedOf[],
  compiled: readonly CompiledRun[],
  tally: Tally,
): Promise<Keyless[]> {
  const runs = members.map(({ run }) => run.id);
  const [{ compared: { how: { plan: { table: { oid } } }, run: { definition } } }] = changed;
  const own = compiled.map(({ tables }) =>
    tables.find(({ how }) => how.plan.table.oid === oid) ??
      // It may have been made anew since.
      tables.find(({ run }) => run.definition.table === definition.table) ?? null
  );
  const first = own.find((each) => each !== null)!;
  const later = new LaterRows(ledger.session, first.how, runs);
  await later.create();
  for (const [index, { run, parts }] of members.entries()) {
    const compared = own[index];
    if (compared === null) continue;
    for (const part of parts) {
      // If rows of a run are loaded in order, none of them waits for a later phase.
      if (!part.later && !run.in_order) continue;
      const again = await readAgain(ledger, compiled[index], compared, part);
      if (again !== null) await later.add(again.compared, again.rows);
    }
  }
  const keyless: Keyless[] = [];
  for (const { run, part, rows, allowances } of changed) {
    const index = runs.indexOf(run);
    const compared = own[index];
    const again = compared && await readAgain(ledger, compiled[index], compared, part);
    if (again === null) {
      tally.unreadable({ ...part, rows: rows.length });
      continue;
    }
    const look = { leavesChanged: false, second: { later, only: new Set(rows) } };
    const found = await verifyRows(
      ledger,
      again.compared,
      { ...again.rows, allowances },
      look,
      tally,
    );
    if (found.keyless.length > 0) {
      keyless.push({
        compiled: compiled[index],
        compared: again.compared,
        part,
        rows: found.keyless,
      });
    }
  }
  await later.drop();
  return keyless;
}
