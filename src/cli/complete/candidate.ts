/** What can stand where the cursor is. */
export interface Candidate {
  readonly value: string;
  /** Empty if there is nothing to say. */
  readonly description: string;
}
