/** Variables of the environment that are on or off. */
import { UsageError } from "./usage_error.ts";

/** A word that was meant to forbid something must not allow it. Throws UsageError. */
export function isOn(value: string | undefined, name: string): boolean {
  switch (value?.toLowerCase()) {
    case undefined:
    case "0":
    case "false":
    case "no":
      return false;
    case "1":
    case "true":
    case "yes":
      return true;
  }
  throw new UsageError(`${name}: expected 1 or 0, got "${value}"`);
}
