import { readScript, type Shell } from "../complete/scripts.ts";
import { EXIT } from "../exit_codes.ts";
import type { CommonFlags } from "../flags.ts";
import type { Output } from "../output.ts";

export async function completionsCommand(
  shell: Shell,
  flags: CommonFlags,
  output: Output,
): Promise<number> {
  const script = await readScript(shell);
  if (flags.json) output.json({ data: { shell, script } });
  else output.file(script);
  return EXIT.done;
}
