import { retryOf } from "../../ledger/retries.ts";
import type { Run } from "../../ledger/runs.ts";
import { FileSupply } from "./file_supply.ts";
import { LogSupply } from "./log_supply.ts";
import type { RowSupply } from "./row_supply.ts";

/** The only place that asks what kind of run it is in order to read its rows. */
export function supplyOf(run: Run): RowSupply {
  const retry = retryOf(run);
  return retry === null ? new FileSupply(run) : new LogSupply(run, retry);
}
