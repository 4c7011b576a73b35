/** Rows per second over the time of a run. */
import type { PaceStep } from "../../../ledger/batches/batch_strip.ts";
import { formatCount, formatDuration } from "../../../report/numbers.ts";

/** Seconds. A shorter run has no curve worth looking at. */
const WORTH = 1;

export function isWorthDrawing(steps: readonly PaceStep[]): boolean {
  const last = steps.at(-1);
  return last !== undefined && last.from + last.seconds >= WORTH;
}

/** Points of the curve. */
export const STEPS = 60;

const WIDTH = 600;
const HEIGHT = 120;

export function Pace({ steps }: { steps: readonly PaceStep[] }) {
  if (steps.length === 0) return <p class="hint">It shows as soon as the first batch is done.</p>;
  const rates = steps.map(({ rows, seconds }) => rows / seconds);
  const failing = steps.map(({ failed, seconds }) => failed / seconds);
  const most = Math.max(...rates, 1);
  const { from, seconds } = steps[steps.length - 1];
  const whole = from + seconds;
  const all = steps.reduce((sum, { rows }) => sum + rows, 0);
  const mean = Math.round(all / whole);
  return (
    <figure class="pace">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${formatCount(mean)} rows per second on average, at most ${
          formatCount(Math.round(most))
        }`}
      >
        <path class="area" d={`${line(rates, most)}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} />
        <path class="line" d={line(rates, most)} vector-effect="non-scaling-stroke" />
        {failing.some((rate) => rate > 0) && (
          <path class="failing" d={line(failing, most)} vector-effect="non-scaling-stroke" />
        )}
      </svg>
      <figcaption>
        <span>{formatCount(mean)} rows/s on average, {formatCount(Math.round(most))} at most</span>
        <span>{formatDuration(whole)}</span>
      </figcaption>
    </figure>
  );
}

function line(rates: readonly number[], most: number): string {
  const step = WIDTH / Math.max(1, rates.length - 1);
  return rates.map((rate, i) => {
    const y = HEIGHT - (rate / most) * (HEIGHT - 6);
    return `${i === 0 ? "M" : "L"}${(i * step).toFixed(1)} ${y.toFixed(1)}`;
  }).join("");
}
