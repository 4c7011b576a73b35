/** What is asked of a retry, and what comes of it. */
import type { Definition } from "../../../importer/definition.ts";
import type { Origin } from "../../../importer/problem.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import type { Table } from "../../../load/catalog/table.ts";
import type { Alongside } from "../alongside.ts";
import type { ErrorsAsked } from "../choose_errors.ts";

export interface ChosenDefinition {
  readonly definition: Definition;
  /** The definition's file, for messages that name its lines. */
  readonly origin?: Origin;
}

export interface RetryRequest {
  /** The run that has failed rows; it may be a retry itself. */
  readonly run: Run;
  /** Called only if there is something to retry. */
  readonly chooseDefinition: () => Promise<ChosenDefinition>;
  readonly user: string | null;
  readonly dryRun: boolean;
  /** An edited export of the run's failed rows; null to retry the rows' original bytes. */
  readonly file: { readonly path: string; readonly name: string } | null;
  /** Only rows with such errors; null: all. Not together with a file, which says itself. */
  readonly only?: ErrorsAsked | null;
  /** Only rows that somebody has corrected. Default: no. */
  readonly onlyCorrected?: boolean;
  /** Take the file's cells even if a spreadsheet seems to have changed them. Default: no. */
  readonly acceptChanges?: boolean;
  readonly spoolFolder: string;
  /** Bytes that a packed file may become; absent: as many as a table may need. */
  readonly maxUnpacked?: number;
  /** Called at the last moment. Throws if nobody wants the retry any more. */
  assertWanted?(): void;
  readonly alongside?: Alongside;
}

export type RetryMade =
  | {
    readonly made: true;
    readonly run: Run;
    /** The run's table as it was when the retry was checked against it. */
    readonly table: Table;
    readonly notes: readonly string[];
  }
  /** Nothing is wrong, but there is nothing to retry. */
  | { readonly made: false; readonly because: string };
