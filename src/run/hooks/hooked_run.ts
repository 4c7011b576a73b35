/** What hooks have to know of a run, and what is said when they are no longer what they were. */
import type { Definition } from "../../importer/definition.ts";

export interface HookedRun {
  readonly definition: Definition;
  readonly header: readonly string[];
  /** Null: nothing is loaded. */
  readonly number: number | null;
  readonly dry_run: boolean;
  /** Its values have types of their own. */
  readonly typed: boolean;
}

/** In the middle of a batch. */
export const GONE = {
  kind: "error",
  message: "The process of the hooks ended in the middle of a batch.",
  row: null,
} as const;

export const BACK = "Put it back as it was and resume the run, or start a new run.";
