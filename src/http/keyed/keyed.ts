import type { Ledger } from "../../ledger/ledger.ts";

/** What handlers do for a request that has an Idempotency-Key. */
export interface Keyed {
  /**
   * The whole request is known now; `content`: its body. Throws AnsweredBefore if it was done, and
   * RequestRefused if the key belongs to another one.
   */
  identify(content: unknown): void;
  /**
   * In the transaction that does it, or as soon as it is done. `answer`: what it says besides the
   * run. Throws RequestRefused.
   */
  record(ledger: Ledger, runId: number, answer?: Readonly<Record<string, unknown>>): Promise<void>;
}
