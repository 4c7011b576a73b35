/** The groups of errors as a row of filters. */
import { formatCount } from "../../../report/numbers.ts";
import type { SummedGroup } from "../../../report/error_summary.ts";
import type { RunReport } from "../../../report/report_schema.ts";
import { asksNothing, type ErrorsAsked } from "../../../run/request/choose_errors.ts";
import { SHORT_ID } from "../run/groups.tsx";
import { shorten } from "./faults.ts";
import type { RowsData } from "./rows_data.ts";

const SHOWN = 6;

export function Chips({ data: { run, groups, asked, left, leftOf } }: { data: RowsData }) {
  const isAsked = ({ id }: SummedGroup) => asked.groups.some((prefix) => id.startsWith(prefix));
  const first = groups.slice(0, SHOWN);
  const rest = groups.slice(SHOWN);
  const others = [...asked.codes, ...asked.columns];
  return (
    <nav class="chips" aria-label="Only rows that failed because of">
      <a
        href={rowsPath(run.id, NOTHING)}
        aria-current={asksNothing(asked) && !left ? "true" : undefined}
      >
        All <span class="n">{formatCount(run.progress.failed)}</span>
      </a>
      {(left || hasSettled(run)) && (
        <a href={`${rowsPath(run.id, NOTHING)}?left=1`} aria-current={left ? "true" : undefined}>
          Left <span class="n">{formatCount(run.progress.unresolved)}</span>
        </a>
      )}
      {others.length > 0 && (
        <a href={rowsPath(run.id, asked)} aria-current="true">
          <bdi>{others.join(", ")}</bdi>
        </a>
      )}
      {[...first, ...rest.filter(isAsked)].map((group) => (
        <Chip runId={run.id} group={group} current={isAsked(group)} left={leftOf.get(group.id)} />
      ))}
      {rest.length > 0 && (
        <details>
          <summary>{formatCount(rest.length)} more</summary>
          <div>
            {rest.slice(0, MOST).map((group) => (
              <Chip
                runId={run.id}
                group={group}
                current={isAsked(group)}
                left={leftOf.get(group.id)}
              />
            ))}
          </div>
        </details>
      )}
      {hasSettled(run) && groups.some(({ id }) => !leftOf.has(id)) && (
        <span class="hint">
          {leftOf.size === 0 ? "The numbers of each kind count" : "Numbers without “left” count"}
          {" "}
          fixed rows, too.
        </span>
      )}
    </nav>
  );
}

function hasSettled({ progress: { failed, unresolved } }: RunReport): boolean {
  return unresolved > 0 && unresolved < failed;
}

/** A page has less than 50 KB. */
const MOST = 30;
/** Characters of a message. */
const LONGEST = 60;

function Chip(
  { runId, group, current, left }: {
    runId: number;
    group: SummedGroup;
    current: boolean;
    left: number | undefined;
  },
) {
  const text = shorten(group.message);
  const isLong = text.length > LONGEST;
  return (
    <a
      href={rowsPath(runId, { ...NOTHING, groups: [group.id.slice(0, SHORT_ID)] })}
      aria-current={current ? "true" : undefined}
      title={isLong ? group.message.slice(0, 300).toWellFormed() : undefined}
    >
      <bdi>{isLong ? `${text.slice(0, LONGEST).toWellFormed()}…` : text.replace(/\.$/u, "")}</bdi>
      {" "}
      <span class="n">
        {formatCount(group.count)}
        {left !== undefined && left !== group.count && `, ${formatCount(left)} left`}
      </span>
    </a>
  );
}

const NOTHING: ErrorsAsked = { groups: [], codes: [], columns: [] };

/** As the API names them, too. */
export function rowsQuery({ groups, codes, columns }: ErrorsAsked): string {
  return new URLSearchParams([
    ...groups.map((group) => ["group", group]),
    ...codes.map((code) => ["code", code]),
    ...columns.map((column) => ["column", column]),
  ]).toString();
}

export function rowsPath(runId: number, asked: ErrorsAsked, after = 0, left = false): string {
  const query = new URLSearchParams(rowsQuery(asked));
  if (left) query.set("left", "1");
  if (after > 0) query.set("after", String(after));
  return `/runs/${runId}/rows${query.size === 0 ? "" : `?${query}`}`;
}
