/** The files that `--file` means, for `run` and `check`. */
import { UsageError } from "../config/usage_error.ts";
import { KNOWN_SCHEMES, unknownScheme } from "../run/request/remote/asked_address.ts";

/** Throws UsageError for an address that nobody here can fetch. */
export function refuseUnknownSchemes(files: readonly string[]): void {
  const unknown = files.map(unknownScheme).find((scheme) => scheme !== null);
  if (unknown === undefined) return;
  throw new UsageError(
    `--file: expected a file, or an address with ${
      KNOWN_SCHEMES.join(", ")
    }; got one with ${unknown}`,
  );
}
