import type { HooksRule } from "../../importer/hooks_rule.ts";
import { BACK } from "./hooked_run.ts";

/** A run can't go on, because its hooks can't be used: the file is gone, has changed, or is wrong. */
export class HooksFailed extends Error {
  override readonly name: string = "HooksFailed";
}

/** This machine doesn't have the run's hooks as they were when it was created; another one may. */
export class OtherHooks extends HooksFailed {
  override readonly name = "OtherHooks";
  /** `because`: one sentence. */
  constructor(readonly because: string, readonly hooks: HooksRule) {
    super(`${because} ${BACK}`);
  }
}
