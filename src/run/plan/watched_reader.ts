import type { Ledger } from "../../ledger/ledger.ts";
import type { BegunPart } from "../../ledger/runs/run_files.ts";
import { assertPlanWanted, type PlanPosition } from "../../ledger/batches/plan.ts";
import type { Identity } from "../../source/file/identity.ts";
import type { Piece, RowReader } from "../supply/row_supply.ts";

/** Milliseconds of reading without a query to the server. */
const SILENCE = 50;

/**
 * A reader that regularly asks whether its plan is still wanted. `next` throws PlanUnwanted if it
 * is not.
 */
export class WatchedReader implements RowReader {
  readonly #reader: RowReader;
  readonly #ledger: Ledger;
  readonly #runId: number;
  #asked = performance.now();

  constructor(reader: RowReader, ledger: Ledger, runId: number) {
    this.#reader = reader;
    this.#ledger = ledger;
    this.#runId = runId;
  }

  get position(): PlanPosition {
    return this.#reader.position;
  }

  get atEnd(): boolean {
    return this.#reader.atEnd;
  }

  get notes(): readonly string[] {
    return this.#reader.notes;
  }

  get begun(): readonly BegunPart[] {
    return this.#reader.begun;
  }

  async next(): Promise<Piece | null> {
    if (performance.now() - this.#asked > SILENCE) {
      await assertPlanWanted(this.#ledger, this.#runId);
      this.#asked = performance.now();
    }
    return await this.#reader.next();
  }

  identify(): Promise<Identity | null> {
    return this.#reader.identify();
  }

  close(): void {
    this.#reader.close();
  }
}
