import type { HooksRule } from "../../importer/hooks_rule.ts";
import { OtherHooks } from "./hooks_failed.ts";

/** Throws OtherHooks if the file is not what it was when the run was created. */
export async function requireHooks(hooks: HooksRule): Promise<void> {
  const { file } = hooks;
  const now = await checksumNow(hooks);
  if (now === hooks.checksum) return;
  const host = Deno.hostname();
  throw new OtherHooks(
    now === null
      ? `${file} is gone or can't be read on ${host}.`
      : `${file} on ${host} is not what it was when the run began.`,
    hooks,
  );
}

/** Null: the file is not there, or can't be read. */
export async function checksumNow({ path = "" }: HooksRule): Promise<string | null> {
  const { checksumOf } = await import("../../hooks/files.ts");
  return await checksumOf(path).catch(() => null);
}
