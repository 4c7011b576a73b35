/** What would become of the file's rows, in a sentence, a bar and numbers. */
import type { Child } from "hono/jsx";
import { formatCount } from "../../../report/numbers.ts";
import type { PreviewReport } from "../../../report/preview_schema.ts";
import { LOOKED_AT_ROWS } from "../../../run/request/preview_rows.ts";
import { rowsText, Time } from "../parts/numbers.tsx";
import { fateOfDuplicates, type Fates, fatesOf } from "./fates.ts";
import type { Target } from "./target.ts";
import { inPageWords } from "./words.ts";

export function Verdict({ seen, target }: { seen: PreviewReport; target: Target }) {
  const { ok, problems, looked_at: looked, table } = seen;
  if (!ok) {
    return (
      <Box tone="bad" verdict="refused">
        <h2>
          This file doesn’t fit <bdi>{table}</bdi> yet
        </h2>
        {problems.map((text) => (
          <p>
            <bdi>{inPageWords(text)}</bdi>
          </p>
        ))}
      </Box>
    );
  }
  if (looked === 0 || looked === null) {
    return (
      <Box tone="partly" verdict="empty">
        <h2>There are no rows in it</h2>
        <p>The file has names of columns and nothing below them: there is nothing to import.</p>
      </Box>
    );
  }
  const fates = fatesOf(seen);
  const isGood = fates.failing === 0 && fates.skipped < looked;
  return (
    <Box tone={isGood ? "good" : "partly"} verdict={isGood ? "good" : "partly"}>
      <h2>{headline(fates, whichRows(seen))}</h2>
      <p>{explanation(seen, fates)}</p>
      <FatesBar fates={fates} />
      <Duplicates seen={seen} target={target} />
      <LoadedBefore seen={seen} />
    </Box>
  );
}

interface BoxProps {
  readonly tone: "good" | "partly" | "bad";
  readonly verdict: "refused" | "empty" | "good" | "partly";
  readonly children?: Child;
}

function Box({ tone, verdict, children }: BoxProps) {
  return <div class={`verdict ${tone}`} role="status" data-verdict={verdict}>{children}</div>;
}

function headline({ failing, skipped, looked }: Fates, which: string): string {
  if (failing > 0 && looked === 1) return "Its only row would fail";
  if (failing > 0) return `${formatCount(failing)} of ${which} would fail`;
  return skipped === looked ? "Nothing in it is new" : "Looks good";
}

function explanation(seen: PreviewReport, { looked, failing }: Fates): string {
  const which = whichRows(seen);
  if (failing === 0) {
    return looked === 1
      ? "Its only row can be read and passes the checks."
      : `All of ${which} can be read and pass the checks.`;
  }
  if (looked === 1) return "What is wrong with it is below.";
  return failing === looked && seen.failing === looked
    ? "Something about the whole file is probably different from what is expected: see below."
    : "The others are loaded all the same, and you can repair the failed ones afterwards.";
}

function whichRows({ looked_at: looked, only_beginning: isBeginning }: PreviewReport): string {
  const count = looked ?? 0;
  if (isBeginning || count >= LOOKED_AT_ROWS) return `the first ${rowsText(count)}`;
  return count === 1 ? "the only row" : `the ${rowsText(count)}`;
}

const SHOWN = [
  ["added", "would be added"],
  ["updated", "would update a row"],
  ["skipped", "would be skipped"],
  ["failing", "would fail"],
] as const;

function FatesBar({ fates }: { fates: Fates }) {
  const parts = SHOWN.filter(([name]) => fates[name] > 0);
  let at = 0;
  return (
    <>
      <svg class="bar fates" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
        {parts.map(([name]) => {
          const x = at;
          const width = 1000 * fates[name] / fates.looked;
          at += width;
          return <rect class={name} x={x.toFixed(1)} width={width.toFixed(1)} height="10" />;
        })}
      </svg>
      <ul class="legend">
        {parts.map(([name, text]) => (
          <li class={name}>
            <b class="n">{formatCount(fates[name])}</b> {text}
          </li>
        ))}
      </ul>
    </>
  );
}

const THEN = {
  added: ["it is added", "they are added"],
  updated: ["it updates that one", "they update it"],
  skipped: ["it is skipped", "they are skipped"],
  failing: ["it fails", "they fail"],
} as const;

/** Why rows are skipped, or update what is there. */
function Duplicates({ seen, target }: { seen: PreviewReport; target: Target }) {
  const { duplicates, mapping, table } = seen;
  if (duplicates === null) return null;
  const { in_table: there, in_file: twice, on_duplicate: how } = duplicates;
  const named = duplicates.key.map((column) =>
    mapping?.find((each) => each.column === column)?.from[0] ?? column
  ).join(" and ");
  const [one, many] = THEN[fateOfDuplicates(duplicates)];
  const then = (count: number) =>
    `${count === 1 ? one : many}${how === "update_if_newer" ? ", if newer" : ""}`;
  const isOpen = target.table !== null && target.key.length === 0;
  return (
    <>
      {there > 0 && (
        <p class="why">
          {rowsText(there)} {there === 1 ? "has" : "have"} the same <bdi>{named}</bdi> as a row in
          {" "}
          <bdi>{table}</bdi>: {then(there)}.
        </p>
      )}
      {twice > 0 && (
        <p class="why">
          {rowsText(twice)} {twice === 1 ? "has" : "have"} the same <bdi>{named}</bdi>{" "}
          as a row above in the file: {then(twice)}.
        </p>
      )}
      {isOpen && there + twice > 0 && (
        <p class="why">
          To skip such rows, or to update the table, choose {named}{" "}
          above, where it says how rows are told apart.
        </p>
      )}
    </>
  );
}

function LoadedBefore({ seen: { loaded_before: before, table, file } }: { seen: PreviewReport }) {
  if (before === null) return null;
  const { run_id: run, at, filename, whole } = before;
  return (
    <p class="before" data-loaded={run}>
      <b>This file was loaded before.</b> <a href={`/runs/${run}`} target="_blank">Run {run}</a>
      {" "}
      has loaded {whole ? "the same bytes" : "a part of it"} into <bdi>{table}</bdi>,{" "}
      <Time at={at} />
      {filename !== null && filename !== file && (
        <>
          , from <bdi>{filename}</bdi>
        </>
      )}.
    </p>
  );
}
