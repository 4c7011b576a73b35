/** Something that would keep every row from being loaded. */
export interface Obstacle {
  /** Without the full stop. */
  readonly problem: string;
  /** The statement that mends it. */
  readonly grant?: string;
}
