/** The rows that no key finds: counts how many of them are in the table with all their values. */
import type { Ledger } from "../../ledger/ledger.ts";
import {
  clearNotes,
  type Counted,
  countedColumns,
  countNoted,
  createNotes,
  noteStaged,
} from "../../load/verify/count_values.ts";
import type { EncodedBatch } from "../process/encode.ts";
import { encodeToCompare } from "../process/resolve.ts";
import { Allowance, type Allowances } from "./allowance.ts";
import type { Keyless } from "./comparers.ts";
import type { Tally } from "./findings.ts";
import { ReusedStage } from "./reused_stage.ts";
import { readAgain } from "./rows_by_table.ts";
import { chooseCompared } from "./choose_rows.ts";
import { SampleList } from "./sample_list.ts";
import { stageRows } from "./stage_rows.ts";

/**
 * In one transaction, over one connection: the rows of all batches are noted in a temporary table, so
 * that each row of the table stands for one of them. Throws SourceError if the file has changed since
 * the batches were compared.
 */
export async function countKeyless(
  ledger: Ledger,
  keyless: readonly Keyless[],
  tally: Tally,
): Promise<void> {
  // Runs of a chain may fill different columns.
  const alike = Map.groupBy(
    keyless,
    ({ compared: { how } }) =>
      JSON.stringify([how.plan.table.oid, how.plan.key, countedColumns(how)]),
  );
  const [{ compared: { run } }] = keyless;
  await ledger.session.transaction(async () => {
    await createNotes(ledger.session);
    for (const same of alike.values()) await new Count(ledger, same, tally).count();
  }, run.settings);
}

/** Rows of a part, in the stage. */
interface Restaged {
  readonly encoded: EncodedBatch;
  /** Of the good rows: those that are staged, by their indexes. */
  readonly order: Int32Array;
  /** Positions of those that Postgres can't read, and why. */
  readonly refused: ReadonlyMap<number, string>;
  readonly allowances: Allowances;
}

class Count {
  readonly #ledger: Ledger;
  readonly #keyless: readonly Keyless[];
  readonly #tally: Tally;
  readonly #stage: ReusedStage;

  constructor(ledger: Ledger, keyless: readonly Keyless[], tally: Tally) {
    this.#ledger = ledger;
    this.#keyless = keyless;
    this.#tally = tally;
    this.#stage = new ReusedStage(ledger.session);
  }

  async count(): Promise<void> {
    const { session } = this.#ledger;
    const [taken, failed] = [new Allowance(0), new Allowance(0)];
    await clearNotes(session);
    for (const [index, each] of this.#keyless.entries()) {
      const { compared, part } = each;
      const staged = await this.#restage(each, new Set(each.rows));
      if (staged === null) {
        this.#tally.unreadable({ ...part, rows: each.rows.length });
        continue;
      }
      await noteStaged(session, compared.how, index);
      if (compared.how.plan.key.length > 0) continue;
      this.#countUnread(each, staged);
      taken.add(staged.allowances.taken.left);
      failed.add(staged.allowances.failed.left);
    }
    const [{ compared }] = this.#keyless;
    const { how } = compared;
    const counted = await countNoted(session, how, this.#tally.room);
    const missing = failed.takeCount(taken.takeCount(counted.missing));
    this.#tally.add({
      as_written: counted.found,
      skipped: counted.missing - missing - failed.used,
      not_found: missing,
    }, compared);
    this.#tally.unlogged += failed.used;
    if (missing > 0) await this.#listSamples(counted);
    await this.#stage.drop();
  }

  /** Rows that Postgres can't read, which show only now that they are staged. */
  #countUnread(
    { compared }: Keyless,
    { encoded, order, refused, allowances: { failed } }: Restaged,
  ): void {
    const unread = failed.take([...refused.keys()]);
    this.#tally.add({ changed: unread.length }, compared);
    this.#tally.unlogged += refused.size - unread.length;
    const list = new SampleList(compared, encoded, order, this.#tally);
    for (const position of unread) list.unreadable(position, refused.get(position) ?? "");
  }

  /** `wanted`: row numbers. Null if the file has changed there. */
  async #restage(
    { compiled, compared, part }: Keyless,
    wanted: ReadonlySet<number>,
  ): Promise<Restaged | null> {
    const { program } = compared;
    const again = await readAgain(this.#ledger, compiled, compared, part);
    if (again === null) return null;
    const { rows } = again;
    const encoded = await encodeToCompare(this.#ledger.session, program, rows.read);
    const { rowNumbers } = encoded.places;
    const order = chooseCompared(compared, rows, encoded).order
      .filter((row) => wanted.has(rowNumbers[encoded.goodRecords[row]]));
    await this.#stage.use(compared);
    const refused = await stageRows(this.#ledger.session, compared, encoded, order);
    return { encoded, order, refused, allowances: rows.allowances };
  }

  async #listSamples({ samples }: Counted): Promise<void> {
    const byPart = Map.groupBy(samples, ({ part }) => part);
    for (const [part, found] of byPart) {
      const each = this.#keyless[part];
      const staged = await this.#restage(each, new Set(each.rows));
      if (staged === null) continue;
      const { how } = each.compared;
      const positions = found.map(({ position }) => position);
      await new SampleList(each.compared, staged.encoded, staged.order, this.#tally)
        .read(this.#ledger.session, how, countedColumns(how), positions, "not_found");
    }
  }
}
