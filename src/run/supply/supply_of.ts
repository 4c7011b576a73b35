import { retryOf } from "../../ledger/runs/retries.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { FileSupply } from "./file_supply.ts";
import { LogSupply } from "./log_supply.ts";
import type { RowSupply } from "./row_supply.ts";

/** Chooses where a run's rows are read from: the only place that picks a supply. */
export function supplyOf(run: Run): RowSupply {
  const retry = retryOf(run);
  return retry === null ? new FileSupply(run) : new LogSupply(run, retry);
}
