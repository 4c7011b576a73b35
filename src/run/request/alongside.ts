import type { Ledger } from "../../ledger/ledger.ts";

/**
 * Called in the transaction that does what a request asks for, with its run: what it writes is on
 * record if, and only if, that is done. If it throws, nothing is done.
 */
export type Alongside = (ledger: Ledger, runId: number) => Promise<void>;
