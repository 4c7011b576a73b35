/** What only the command line finds wrong. */

/** What was asked for can't be done with things as they are: "Cannot X: current state". */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** There is no run at all. */
export class NoRunYet extends Error {
  override readonly name = "NoRunYet";

  constructor() {
    super("There is no run yet. Start one: ingest run <importer> --file data.csv");
  }
}

/** `wait --timeout`: the run goes on. */
export class WaitTimeout extends Error {
  override readonly name = "WaitTimeout";
}

/** Who read our output has closed it (`ingest rows 1 | head`): nothing is wrong. */
export class BrokenPipe extends Error {
  override readonly name = "BrokenPipe";
}
