/** How far a run is, and how its rows fared: one bar. Drawn as SVG, because style attributes are refused. */
import type { RunReport } from "../../../report/report_schema.ts";
import { soFar } from "../../../report/so_far.ts";

/** Of the whole bar. */
interface Part {
  readonly name: "loaded" | "skipped" | "failed" | "waived" | "undone";
  readonly share: number;
}

/** A failed row among a million is a row that somebody has to look at: it stays visible. */
const LEAST = 0.006;

export function Bar({ run }: { run: RunReport }) {
  const { percent } = soFar(run.progress);
  let at = 0;
  return (
    <svg
      class="bar"
      viewBox="0 0 1000 10"
      preserveAspectRatio="none"
      role="img"
      aria-label={percent === null ? "being counted" : `${percent} %`}
      data-open={run.is_terminal ? undefined : ""}
    >
      {partsOf(run).map(({ name, share }) => {
        const x = at;
        at += share;
        return (
          <rect
            class={name}
            x={(x * 1000).toFixed(1)}
            width={(share * 1000).toFixed(1)}
            y="0"
            height="10"
          />
        );
      })}
    </svg>
  );
}

function partsOf({ progress, undo }: RunReport): readonly Part[] {
  const { total, processed, failed, waived, unresolved, skipped } = soFar(progress);
  if (undo?.status === "completed") return [{ name: "undone", share: 1 }];
  const whole = total ?? 0;
  if (whole === 0) return processed === 0 && total !== 0 ? [] : [{ name: "loaded", share: 1 }];
  const bad = Math.min(failed, unresolved);
  const at = (rows: number) => rows === 0 ? 0 : Math.max(LEAST, rows / whole);
  const shares = { failed: at(bad), waived: at(Math.min(waived, failed)) };
  const rest = Math.max(0, Math.min(1, processed / whole) - shares.failed - shares.waived);
  const left = Math.min(rest, skipped / whole);
  return [
    { name: "loaded" as const, share: rest - left },
    { name: "skipped" as const, share: left },
    { name: "waived" as const, share: shares.waived },
    { name: "failed" as const, share: shares.failed },
  ].filter(({ share }) => share > 0);
}
