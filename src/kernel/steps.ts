/** Describes the steps of columns to the kernel (assembly/steps.ts). */
import type { ByteStep } from "../row/byte_rule.ts";
import { STEP, STEP_KIND } from "./contract.ts";
import type { Kernel } from "./instance.ts";
import { lettersOf } from "./letters.ts";
import { slugTableOf } from "./slug_table.ts";
import { storeStructures } from "./structures.ts";

const encoder = new TextEncoder();

/** Returns the place of the steps, which lie one after the other. */
export function storeSteps(kernel: Kernel, steps: readonly ByteStep[]): number {
  return storeStructures(
    kernel,
    STEP,
    steps.map((step) => {
      const text = encoder.encode("text" in step ? step.text : "by" in step ? step.by : "");
      return {
        kind: STEP_KIND[step.op],
        text: kernel.store(text),
        length: text.length,
        index: "index" in step ? step.index : 0,
        table: tableOf(kernel, step),
      };
    }),
  );
}

function tableOf(kernel: Kernel, { op }: ByteStep): number {
  if (op === "slug") return slugTableOf(kernel);
  return op === "lower" || op === "upper" || op === "title" ? lettersOf(kernel) : 0;
}
