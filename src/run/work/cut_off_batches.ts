/**
 * Batches that were in progress when the server ended their worker's connection. That is not the
 * rows' doing, so they are given back untried. Whoever has ended it may do it again, but not for
 * ever.
 */
import { releaseBatch } from "../../ledger/batches/batches.ts";
import { type ClaimedBatch, identityOf } from "../../ledger/batches/claim_batch.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { requestFailure } from "../../ledger/runs/run_states.ts";

interface CutOff {
  readonly batch: ClaimedBatch;
  readonly times: number;
  readonly message: string;
  /** It is still to be given back. */
  isOwed: boolean;
}

export class CutOffBatches {
  readonly #most: number;
  readonly #batches = new Map<string, CutOff>();

  /** `most`: if it happens more often to a batch, its run fails. */
  constructor(most: number) {
    this.#most = most;
  }

  /** `message`: what the server said. */
  note(batch: ClaimedBatch, message: string): void {
    const times = (this.#batches.get(identityOf(batch))?.times ?? 0) + 1;
    this.#batches.set(identityOf(batch), { batch, times, message, isOwed: true });
  }

  /** The batch is done. */
  forget(batch: ClaimedBatch): void {
    this.#batches.delete(identityOf(batch));
  }

  async giveBack(ledger: Ledger): Promise<void> {
    for (const cutOff of this.#batches.values()) {
      if (!cutOff.isOwed) continue;
      const { batch, times, message } = cutOff;
      if (times > this.#most) {
        await requestFailure(ledger, batch.run_id, {
          code: "database",
          message: `${message} That happened ${times} times to the same batch.`,
        });
        this.forget(batch);
      }
      await releaseBatch(ledger, batch);
      cutOff.isOwed = false;
    }
  }
}
