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
import { encodeBatch } from "../process/encode.ts";
import { Allowance } from "./allowance.ts";
import type { Keyless } from "./comparers.ts";
import type { Tally } from "./findings.ts";
import { readAgain } from "./look_again.ts";
import { ReusedStage } from "./reused_stage.ts";
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
    ({ compared: { how } }) => JSON.stringify([how.plan.key, countedColumns(how)]),
  );
  const [{ compared: { run } }] = keyless;
  await ledger.session.transaction(async () => {
    await createNotes(ledger.session);
    for (const same of alike.values()) await new Count(ledger, same, tally).count();
  }, run.settings);
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
    for (const each of this.#keyless) {
      const staged = await this.#restage(each, new Set(each.rows));
      if (staged === null) {
        this.#tally.unreadable({ ...each.part, rows: each.rows.length });
        continue;
      }
      const { numbers, allowances } = staged;
      await noteStaged(session, each.compared.how, each.compared.run.id, numbers);
      if (each.compared.how.plan.key.length > 0) continue;
      taken.add(allowances.taken.left);
      failed.add(allowances.failed.left);
    }
    const [{ compared: { how } }] = this.#keyless;
    const counted = await countNoted(session, how, this.#tally.room);
    const missing = failed.takeCount(taken.takeCount(counted.missing));
    this.#tally.add({
      as_written: counted.found,
      skipped: counted.missing - missing - failed.used,
      not_found: missing,
    });
    this.#tally.unlogged += failed.used;
    if (missing > 0) await this.#listSamples(counted);
    await this.#stage.drop();
  }

  /** `wanted`: row numbers. Null if the file has changed there. */
  async #restage({ compared, part }: Keyless, wanted: ReadonlySet<number>) {
    const { program } = compared;
    const rows = await readAgain(this.#ledger, compared, part);
    if (rows === null) return null;
    const encoded = encodeBatch(program, rows.read, program.pipeline.programs);
    const { rowNumbers } = encoded.places;
    const numberOf = (row: number) => rowNumbers[encoded.goodRecords[row]];
    const order = chooseCompared(compared, rows, encoded).order
      .filter((row) => wanted.has(numberOf(row)));
    await this.#stage.use(compared);
    await stageRows(this.#ledger.session, compared, encoded, order);
    return { encoded, order, numbers: Array.from(order, numberOf), allowances: rows.allowances };
  }

  async #listSamples({ samples }: Counted): Promise<void> {
    for (const each of this.#keyless) {
      const { run, how } = each.compared;
      const own = new Set(
        samples.filter((row) => row.run === run.id).map(({ row_number }) => row_number),
      );
      if (!each.rows.some((row) => own.has(row))) continue;
      const staged = await this.#restage(each, own);
      if (staged === null) continue;
      const { encoded, order } = staged;
      await new SampleList(run.id, encoded, order, this.#tally)
        .read(this.#ledger.session, how, countedColumns(how), [...order.keys()], "not_found");
    }
  }
}
