import { EXIT } from "../exit_codes.ts";
import type { CommonFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { VERSION } from "../version.ts";

export function versionCommand(flags: CommonFlags, output: Output): number {
  const { deno, v8 } = Deno.version;
  if (flags.json) output.json({ data: { version: VERSION, deno, v8, target: Deno.build.target } });
  else output.print(`ingest ${VERSION}`);
  return EXIT.done;
}
