/** What people are told about the keys of a definition where they write them: in their editors. */

export interface KeyHelp {
  /** What it means, in a sentence or two. */
  readonly says: string;
  /** A value as it may be written. */
  readonly example: unknown;
  /** Of a mapping: its own keys. */
  readonly keys?: Readonly<Record<string, KeyHelp>>;
}

/** One for each key that a mapping may have: the type check misses those that are left out. */
export type HelpFor<Mapping> = {
  readonly [Key in keyof Required<NonNullable<Mapping>>]: KeyHelp;
};
