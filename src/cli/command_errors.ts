/** What only the command line finds wrong. */

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

/** A signal ended `errors --export` before the file was whole. */
export class ExportStopped extends Error {
  override readonly name = "ExportStopped";
}
