/** What is compared: a run, and rows of it. */
import type { LoggedOutcomes } from "../../ledger/batches/loaded_batches.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import type { Comparable } from "../../load/verify/comparable.ts";
import type { ReadBatch } from "../process/read.ts";
import type { RunProgram } from "../program.ts";
import type { Allowances } from "./allowance.ts";

/** A run's rows of one table as they are compared: compiled for the table as it is now. */
export interface Compared {
  /** With the definition of the table. */
  readonly run: Run;
  readonly program: RunProgram;
  readonly how: Comparable;
  /** What the table is called where the run has several; null: it is the only one. */
  readonly label: string | null;
}

export interface RowsToVerify {
  readonly read: ReadBatch;
  readonly outcomes: LoggedOutcomes;
  readonly allowances: Allowances;
  /** All of them were created, or failed. */
  readonly onlyCreated: boolean;
}
