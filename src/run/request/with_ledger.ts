import type { Ledger } from "../../ledger/ledger.ts";

/**
 * Lends the ledger for a moment. No connection is held while a file is copied, which may take
 * minutes.
 */
export type WithLedger = <T>(work: (ledger: Ledger) => Promise<T>) => Promise<T>;
