/** The user's request can't be understood or carried out. `message` is one line. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** `--workers: expected a whole number from 1 to 64, got "0"`. */
export function expected(where: string, what: string, got: string): UsageError {
  return new UsageError(`${where}: expected ${what}, got "${got}"`);
}
