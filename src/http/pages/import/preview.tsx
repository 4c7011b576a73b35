/** The third step: how the file is understood, and what would become of its first rows. */
import { formatCount } from "../../../report/numbers.ts";
import type { PreviewReport } from "../../../report/preview_schema.ts";
import { LOOKED_AT_ROWS } from "../../../run/request/preview_rows.ts";
import { Mapping } from "./mapping.tsx";
import type { Allowed } from "./mapping_rows.ts";
import { ReadAs } from "./read_as.tsx";
import { RowsTable } from "./rows_table.tsx";
import { adviceIn, type Target } from "./target.ts";

export interface Refusal {
  readonly message: string;
  /** More of it, by field. */
  readonly details: readonly string[];
}

interface PreviewProps {
  readonly seen: PreviewReport;
  readonly target: Target;
  readonly allowed: Allowed;
}

export function Preview({ seen, target, allowed }: PreviewProps) {
  return (
    <>
      <Verdict seen={seen} />
      {seen.warnings.map((text) => (
        <p class="remark partly">
          <bdi>{text}</bdi>
        </p>
      ))}
      <AdviceLinks seen={seen} target={target} />
      <ReadAs seen={seen} target={target} />
      <RowsTable seen={seen} />
      <Mapping seen={seen} allowed={allowed} />
    </>
  );
}

function AdviceLinks({ seen, target }: { seen: PreviewReport; target: Target }) {
  const advice = adviceIn([...seen.problems, ...seen.warnings], target);
  if (advice.length === 0) return null;
  return (
    <p class="advice">
      {advice.map(({ text, to }) => <a class="button" href={to}>{text}</a>)}
    </p>
  );
}

/** The file can't be looked at. */
export function Refused({ refusal: { message, details } }: { refusal: Refusal }) {
  return (
    <div class="verdict bad" role="status">
      <h2>This can’t be imported</h2>
      <p>
        <bdi>{message}</bdi>
      </p>
      {details.map((text) => (
        <p>
          <bdi>{text}</bdi>
        </p>
      ))}
    </div>
  );
}

function Verdict({ seen }: { seen: PreviewReport }) {
  const { ok, problems, looked_at: looked, failing, only_beginning, table } = seen;
  if (!ok) {
    return (
      <div class="verdict bad" role="status" data-verdict="refused">
        <h2>
          This file doesn’t fit <bdi>{table}</bdi> yet
        </h2>
        {problems.map((text) => (
          <p>
            <bdi>{text}</bdi>
          </p>
        ))}
      </div>
    );
  }
  if (looked === 0 || looked === null) {
    return (
      <div class="verdict partly" role="status" data-verdict="empty">
        <h2>There are no rows in it</h2>
        <p>The file has names of columns and nothing below them: there is nothing to import.</p>
      </div>
    );
  }
  const isWhole = !only_beginning && looked < LOOKED_AT_ROWS;
  const which = !isWhole ? `the first ${formatCount(looked)} rows` : rowsIn(looked);
  if (failing === 0 || failing === null) {
    return (
      <div class="verdict good" role="status" data-verdict="good">
        <h2>Looks good</h2>
        <p>
          {looked === 1
            ? "Its only row can be read and passes the checks."
            : `All of ${which} can be read and pass the checks.`}
        </p>
      </div>
    );
  }
  return (
    <div class="verdict partly" role="status" data-verdict="partly">
      <h2>
        {formatCount(failing)} of {which} would fail
      </h2>
      <p>
        {failing === looked
          ? "Something about the whole file is probably different from what is expected: see below."
          : "The others are loaded all the same, and you can repair the failed ones afterwards."}
      </p>
    </div>
  );
}

function rowsIn(count: number): string {
  return count === 1 ? "the only row" : `the ${formatCount(count)} rows`;
}
