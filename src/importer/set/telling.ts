/** For reading a definition of which a run is told something else. */
import type { ParseOptions } from "../validate.ts";
import type { SetValues } from "./setting.ts";

/**
 * `named`: how whoever set the values calls that, for messages: `--set`. What it takes to read values in
 * YAML is loaded only if there are some. Undefined: nothing is set.
 */
export async function telling(
  values: SetValues | undefined,
  named: string,
): Promise<Pick<ParseOptions, "set">> {
  if (values === undefined) return {};
  const { withSetValues } = await import("./apply.ts");
  return { set: { values, named, put: (raw) => withSetValues(raw, values, named) } };
}
