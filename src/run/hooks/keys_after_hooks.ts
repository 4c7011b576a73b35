import type { KeyPlan } from "../../keys/plan_keys.ts";
import type { RunHooks } from "./run_hooks.ts";

/** Which rows share a key is known before the hooks are called. `columns`: those of the keys. */
export function keysAfterHooks(
  keys: KeyPlan,
  hooks: RunHooks | null,
  columns: readonly string[],
): KeyPlan {
  if (hooks === null || keys.kind !== "hashed" || !hooks.mayChange(columns)) return keys;
  return { kind: "in_order", because: "hooks may change the values of its keys" };
}
