/** Whether colours are wanted: what the user says, in the variables that programs agree on. */

/** `terminals`: on terminals that can show them. */
export type Colours = "never" | "terminals" | "always";

/**
 * `--no-color` and NO_COLOR win, then FORCE_COLOR and CLICOLOR_FORCE, for pagers and logs of CI, then
 * CLICOLOR. `args`: of the command.
 */
export function wantedColours(
  args: readonly string[],
  env: (name: string) => string | undefined,
): Colours {
  const own = args.slice(0, args.includes("--") ? args.indexOf("--") : args.length);
  if (own.includes("--no-color") || isGiven(env("NO_COLOR"))) return "never";
  const force = env("FORCE_COLOR");
  if (isGiven(force)) return isOff(force) ? "never" : "always";
  const forced = env("CLICOLOR_FORCE");
  if (isGiven(forced) && !isOff(forced)) return "always";
  return env("CLICOLOR") === "0" ? "never" : "terminals";
}

function isGiven(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}

function isOff(value: string): boolean {
  return value === "0" || value.toLowerCase() === "false";
}
