/** The stage of a transaction that stages rows of several batches, and perhaps of several runs. */
import type { Session } from "../../db/session.ts";
import { clearStage, createStage } from "../../load/stage/fill_stage.ts";
import { stageOf } from "../../load/stage/stage_table.ts";
import type { Compared } from "./compared.ts";

export class ReusedStage {
  readonly #session: Session;
  #compared: Compared | null = null;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Makes it empty, with the columns of this run for its table. */
  async use(compared: Compared): Promise<void> {
    if (this.#compared !== null && isSameStage(this.#compared, compared)) {
      return await clearStage(this.#session, compared.how.plan);
    }
    await this.drop();
    await createStage(this.#session, compared.how.plan);
    this.#compared = compared;
  }

  async drop(): Promise<void> {
    if (this.#compared === null) return;
    await this.#session.query(`drop table ${stageOf(this.#compared.how.plan).table}`);
    this.#compared = null;
  }
}

function isSameStage(one: Compared, other: Compared): boolean {
  const [{ plan: had }, { plan: wanted }] = [one.how, other.how];
  return one.run.id === other.run.id && had.table.oid === wanted.table.oid &&
    stageOf(had).table === stageOf(wanted).table;
}
