/** `hooks`: code that is called for a run's rows, in a file beside the definition. */
export interface HooksRule {
  /** As written, without `./`: relative to the definition's folder. */
  readonly file: string;
  /** Where it is on the machine that has read the definition. */
  readonly path?: string;
  /**
   * Of the file and of what it imports, when the run was created: a run never mixes two of them. What
   * follows is known from then on, too.
   */
  readonly checksum?: string;
  readonly uses?: {
    readonly rows: readonly ("schema" | "beforeRow")[];
    readonly columns: readonly string[];
    readonly afterBatch: boolean;
    /** The tables of which the hook `table` chooses one. Absent: it chooses none. */
    readonly tables?: readonly string[];
  };
}
