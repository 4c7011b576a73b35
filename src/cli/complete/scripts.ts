/**
 * The scripts that `ingest completions` prints. They know no commands and no options: they pass the
 * line to `ingest __complete`. So a script that was installed once fits later versions, too.
 */
import { ownFile } from "../../config/own_files.ts";

/** The command that they call. */
export const COMPLETE = "__complete";

export const SHELLS = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof SHELLS)[number];

export function readScript(shell: Shell): Promise<string> {
  return Deno.readTextFile(ownFile(`src/cli/complete/scripts/ingest.${shell}`));
}
