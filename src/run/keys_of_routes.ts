/** By which rows are put in order that go into several tables. */
import { KeyHasher } from "../keys/hasher.ts";
import type { KeyPlan } from "../keys/plan_keys.ts";
import type { CopyWriter } from "../row/copy_writer.ts";
import type { RowError } from "../row/outcome.ts";
import type { RouteChoice } from "../row/route_choice.ts";
import type { RunHooks } from "./hooks/run_hooks.ts";

/** `plans`: of the tables. Rows are hashed before hooks are called, and so is their table chosen. */
export function keysOfRoutes(
  plans: readonly KeyPlan[],
  choice: RouteChoice,
  hooks: RunHooks | null,
  scratch: CopyWriter,
): KeyPlan {
  const inOrder = plans.find(({ kind }) => kind === "in_order");
  if (inOrder !== undefined) return inOrder;
  const hashers = plans.map((plan) => plan.kind === "hashed" ? plan.hasher : null);
  if (hashers.every((hasher) => hasher === null)) return { kind: "none" };
  if (hooks !== null && (hooks.choose || hooks.uses.rows.length > 0)) {
    return { kind: "in_order", because: "hooks may change which table takes a row" };
  }
  const errors: RowError[] = [];
  const hasher = KeyHasher.ofRoutes(hashers, scratch, (record) => {
    errors.length = 0;
    return choice.of(record, errors);
  });
  return { kind: "hashed", hasher };
}
