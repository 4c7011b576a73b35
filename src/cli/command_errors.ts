/** Errors that only the command line has. */

/** The database has no runs. */
export class NoRunYet extends Error {
  override readonly name = "NoRunYet";

  constructor() {
    super("There are no runs yet. Start one: ingest run <importer> --file data.csv");
  }
}

/** `wait --timeout` gave up; the run goes on. */
export class WaitTimeout extends Error {
  override readonly name = "WaitTimeout";
}

/** The reader of our output has closed it (`ingest rows 1 | head`). Nothing is wrong. */
export class BrokenPipe extends Error {
  override readonly name = "BrokenPipe";
}

/** The result can't be written: the disk is full, for example. What the command did is done. */
export class OutputFailed extends Error {
  override readonly name = "OutputFailed";
}

/** A signal ended `errors --export` before the file was complete. */
export class ExportStopped extends Error {
  override readonly name = "ExportStopped";
}

/** A signal ended `verify` before all was compared. */
export class VerifyStopped extends Error {
  override readonly name = "VerifyStopped";
}
