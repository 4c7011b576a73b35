/** The table no longer has a column that the run has filled until now. */
export class TableChanged extends Error {
  override readonly name = "TableChanged";

  constructor(changed: string, lost: readonly string[]) {
    super(
      `${changed} Until now the run has filled ${lost.join(", ")}. Put that back, or resume the ` +
        "run to load the rest without it.",
    );
  }
}

export function describeChanges(changes: readonly string[]): string {
  return `The table changed during the run: ${changes.join("; ")}.`;
}
