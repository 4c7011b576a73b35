/** Which levels of rows that share keys are applied at once. */
import { isolate } from "../refusal/isolate.ts";
import type { LoadPlan } from "../load_plan.ts";
import { attemptFolded, type Folding } from "./fold_rows.ts";
import { canFold, mayFoldNow } from "./foldable.ts";
import type { LevelOrder } from "./levels.ts";

type Levels = LevelOrder["levels"];

/** To fold so many rows takes as long as to apply a level. */
const ROWS_OF_A_LEVEL = 100;

/** The first of the levels that are folded. The earlier ones have so many rows that it wouldn't pay. */
export function foldsFrom(plan: LoadPlan, levels: Levels): number {
  if (levels.length < 2 || !canFold(plan)) return levels.length;
  const end = levels[levels.length - 1][1];
  const first = levels.findIndex(([start], index) =>
    end - start <= (levels.length - index) * ROWS_OF_A_LEVEL
  );
  return first === -1 || first > levels.length - 2 ? levels.length : first;
}

/** `loadLevel`: loads a single level, and gives each of its rows an outcome. */
export async function loadFolded(
  folding: Folding,
  levels: Levels,
  loadLevel: (start: number, end: number) => Promise<void>,
): Promise<void> {
  if (levels.length === 0) return;
  const may = await mayFoldNow(folding.session, folding.plan);
  const attempt = async (from: number, to: number) => {
    if (to - from > 1) return await attemptFolded(folding, levels[from][0], levels[to - 1][1]);
    await loadLevel(...levels[from]);
    return { ok: true } as const;
  };
  if (may) return await isolate(0, levels.length, attempt, () => {});
  for (const [start, end] of levels) await loadLevel(start, end);
}
