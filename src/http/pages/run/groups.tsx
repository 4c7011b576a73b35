/** Why rows failed: a bar for each kind of error, the most frequent first. */
import {
  type Sample,
  SAMPLE_ROWS,
  type SummedErrors,
  type SummedGroup,
} from "../../../report/error_summary.ts";
import { historyText } from "../../../report/group_history.ts";
import { formatCount } from "../../../report/numbers.ts";
import { placesOf, type PlaceWord } from "../parts/place.ts";

/** How many are shown at first. */
export const SHOWN = 12;
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
  /** What lines of the run's file are called. */
  readonly word: PlaceWord;
  readonly groups: readonly SummedGroup[];
  readonly samples: ReadonlyMap<SummedGroup, Sample>;
}

export function Groups({ runId, word, groups, samples }: GroupsProps) {
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
          <About group={group} sample={samples.get(group)} word={word} />
        </li>
      ))}
    </ol>
  );
}

function About(
  { group, sample, word }: { group: SummedGroup; sample: Sample | undefined; word: PlaceWord },
) {
  const { count, history } = group;
  const rows = group.sample_rows.slice(0, SAMPLE_ROWS);
  return (
    <span class="about">
      {sample?.value && (
        <code class="sample">
          <bdi>{sample.value}</bdi>
        </code>
      )}
      {rows.length > 0 && (
        <span>
          {whereText(rows, sample?.lines ?? [], word)}
          {count > rows.length && ", …"}
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

/** Of rows that aren't kept, only the numbers are known. */
function whereText(rows: readonly number[], lines: readonly number[], word: PlaceWord): string {
  if (lines.length > 0) return placesOf(lines, word);
  return `${rows.length === 1 ? "row" : "rows"} ${rows.map(formatCount).join(", ")}`;
}
