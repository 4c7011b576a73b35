/** What is compared: a run, and rows of it. */
import type { LoggedOutcomes } from "../../ledger/batches/loaded_batches.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import type { Comparable } from "../../load/verify/comparable.ts";
import type { ReadBatch } from "../process/read.ts";
import type { RunProgram } from "../program.ts";
import type { Allowances } from "./allowance.ts";

/** A run as it is compared: compiled for the table as it is now. */
export interface Compared {
  readonly run: Run;
  readonly program: RunProgram;
  readonly how: Comparable;
}

export interface RowsToVerify {
  readonly read: ReadBatch;
  readonly outcomes: LoggedOutcomes;
  readonly allowances: Allowances;
  /** All of them were created, or failed. */
  readonly onlyCreated: boolean;
}
