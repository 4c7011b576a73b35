/** How long a hook may take, and how much memory all of them. */
import type { Definition } from "../../importer/definition.ts";
import { DEFAULT_HOOK_TIME } from "../../importer/check/check_hooks.ts";
import type { Limits } from "../../hooks/messages.ts";

/** The process itself takes 80 MB. */
const MEMORY = 512_000_000;
/** A batch's rows are objects there, and lines of JSON on their way. */
const FOR_EACH_BYTE = 20;

export function limitsOf({ options }: Definition): Limits {
  return {
    time: options.hook_timeout ?? DEFAULT_HOOK_TIME,
    memory: MEMORY + FOR_EACH_BYTE * options.batch_bytes,
  };
}
