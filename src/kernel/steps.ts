/** Describes the steps of columns to the kernel (assembly/steps.ts). */
import { type ByteStep, type ByteValue, ownText } from "../row/byte_rule.ts";
import { automatonOf } from "./automatons.ts";
import { STEP, STEP_KIND } from "./contract.ts";
import type { Kernel } from "./instance.ts";
import { lettersOf } from "./letters.ts";
import { slugTableOf } from "./slug_table.ts";
import { storeStructures } from "./structures.ts";

const encoder = new TextEncoder();

/**
 * Returns the place of the steps, which lie one after the other. `storeValue`: stores the column that
 * a value of this kind is read for.
 */
export function storeSteps(
  kernel: Kernel,
  steps: readonly ByteStep[],
  storeValue: (value: ByteValue) => number,
): number {
  return storeStructures(
    kernel,
    STEP,
    steps.map((step) => {
      const text = encoder.encode(ownText(step));
      return {
        kind: STEP_KIND[step.op],
        text: kernel.store(text),
        length: text.length,
        index: "index" in step ? step.index : 0,
        table: step.op === "convert" ? storeValue(step.value) : tableOf(kernel, step),
      };
    }),
  );
}

function tableOf(kernel: Kernel, step: ByteStep): number {
  switch (step.op) {
    case "lower":
    case "upper":
    case "title":
      return lettersOf(kernel);
    case "slug":
      return slugTableOf(kernel);
    case "replace":
      return automatonOf(kernel, step.automaton);
    default:
      return 0;
  }
}
