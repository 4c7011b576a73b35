/** Checks where the file of `hooks` is, and how long a hook may take. */
import { isAbsolute, normalize } from "node:path";
import { A_HOOK_TIME, A_HOOKS_FILE } from "../hooks_words.ts";
import { describe, type Problems } from "../problem.ts";
import { readAge } from "../read_options.ts";
import type { ParsedDefinition } from "../schema.ts";

export const DEFAULT_HOOK_TIME = 10_000;
const LONGEST_HOOK_TIME = 3_600_000;

/** Null: it is no such time. */
export function readHookTime(text: string): number | null {
  const time = readAge(text);
  return time === null || time < 1000 || time > LONGEST_HOOK_TIME ? null : time;
}

export function checkHooks(parsed: ParsedDefinition, problems: Problems): void {
  const { hooks, options } = parsed;
  const { hook_timeout: time } = options ?? {};
  if (time !== undefined && readHookTime(time) === null) {
    problems.wrong(["options", "hook_timeout"], time, A_HOOK_TIME);
  }
  if (hooks === undefined) {
    if (time === undefined) return;
    problems.add(["options", "hook_timeout"], {
      found: "hook_timeout without hooks",
      expected: "hooks",
      sentence: "is for hooks, and the definition has none",
    });
    return;
  }
  const file = hooksFile(hooks);
  if (file === null) return problems.wrong(["hooks"], hooks, A_HOOKS_FILE);
  if (!/\.(?:js|mjs|ts)$/u.test(file)) {
    return problems.add(["hooks"], {
      found: describe(hooks),
      expected: A_HOOKS_FILE,
      sentence: `${describe(hooks)} is no JavaScript; expected ${A_HOOKS_FILE}`,
    });
  }
  if (Deno.build.standalone && file.endsWith(".ts")) {
    problems.add(["hooks"], {
      found: "TypeScript",
      expected: "JavaScript",
      sentence: `the compiled program can't load TypeScript: write ${
        describe(hooks.replace(/\.ts$/u, ".js"))
      }, which an editor can give types all the same`,
    });
  }
}

/** Relative to the definition's folder, and within it; null if it is not. */
export function hooksFile(written: string): string | null {
  if (written === "" || written.includes("\0") || written.includes("\\")) return null;
  if (isAbsolute(written) || /^[a-z][a-z0-9+.-]+:/iu.test(written)) return null;
  const file = normalize(written);
  return file === ".." || file.startsWith("../") || file.endsWith("/") || file === "."
    ? null
    : file;
}
