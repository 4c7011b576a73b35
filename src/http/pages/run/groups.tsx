/** Why rows failed: a bar for each kind of error, the most frequent first. */
import type { Sample, SummedErrors, SummedGroup } from "../../../report/error_summary.ts";
import { historyText } from "../../../report/group_history.ts";
import { formatCount } from "../../../report/numbers.ts";

/** How many are shown at first. */
export const SHOWN = 12;
const SAMPLE_ROWS = 4;
/** Hexadecimal digits of a group's id that tell it from others, nearly always. */
export const SHORT_ID = 8;

/** The headline of a row that has something wrong in its fields: the fields' messages say more. */
const ABOUT_FIELDS = "validation";

/** Fields' messages and rows' headlines together. A row can be in several groups. */
export function groupsOf({ rows, validation }: SummedErrors): readonly SummedGroup[] {
  return [...rows.filter(({ code }) => code !== ABOUT_FIELDS), ...validation]
    .sort((one, other) => other.count - one.count);
}

interface GroupsProps {
  readonly runId: number;
  readonly groups: readonly SummedGroup[];
  readonly samples: ReadonlyMap<SummedGroup, Sample>;
}

export function Groups({ runId, groups, samples }: GroupsProps) {
  const most = Math.max(...groups.map(({ count }) => count), 1);
  return (
    <ol class="groups">
      {groups.slice(0, SHOWN).map((group) => (
        <li>
          <a href={`/runs/${runId}/rows?group=${group.id.slice(0, SHORT_ID)}`}>
            <span class="message">
              <bdi>{group.message}</bdi>
            </span>
            <span class="count n">{formatCount(group.count)}</span>
            <svg class="share" viewBox="0 0 1000 4" preserveAspectRatio="none" aria-hidden="true">
              <rect width={Math.max(4, 1000 * group.count / most).toFixed(0)} height="4" />
            </svg>
          </a>
          <About group={group} sample={samples.get(group)} />
        </li>
      ))}
    </ol>
  );
}

function About({ group, sample }: { group: SummedGroup; sample: Sample | undefined }) {
  const { sample_rows: rows, count, history } = group;
  const shown = rows.slice(0, SAMPLE_ROWS);
  return (
    <span class="about">
      {sample?.value && (
        <code class="sample">
          <bdi>{sample.value}</bdi>
        </code>
      )}
      {shown.length > 0 && (
        <span>
          {`${count === 1 ? "row" : "rows"} ${shown.map(formatCount).join(", ")}${
            count > shown.length ? ", …" : ""
          }`}
        </span>
      )}
      {history && (
        <span class={history.new_since_run === null ? undefined : "new"}>
          {historyText(history)}
        </span>
      )}
    </span>
  );
}
