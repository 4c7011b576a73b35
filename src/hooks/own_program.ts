/** How this program starts itself as the process in which hooks are: compiled, or from its sources. */
import { fileURLToPath } from "node:url";
import { ownFile } from "../config/own_files.ts";
import { HOOKS } from "./messages.ts";

export interface OwnProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
}

/** What the process gets of the environment: no secrets. */
const KEPT =
  /^(?:PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|XDG_CACHE_HOME|DENO_\w+)$/iu;

export function ownProgram(): OwnProgram {
  const kept = Object.entries(Deno.env.toObject()).filter(([name]) => KEPT.test(name));
  const env = { ...Object.fromEntries(kept), NO_COLOR: "1" };
  const command = Deno.execPath();
  if (Deno.build.standalone) return { command, args: [HOOKS], env };
  const at = (path: string) => fileURLToPath(ownFile(path));
  const flags = ["--no-check", "--quiet", "--config", at("deno.json"), "--no-prompt"];
  return { command, args: ["run", ...flags, "--allow-read", at("main.ts"), HOOKS], env };
}
