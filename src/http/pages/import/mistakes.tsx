/** What is wrong with the first rows: how often, and an example to look for in the spreadsheet. */
import { formatCount } from "../../../report/numbers.ts";
import type { PreviewReport } from "../../../report/preview_schema.ts";
import { placesOf } from "./shown_rows.ts";
import { besideHeading } from "./words.ts";

/** Characters of an example. */
const LONGEST = 60;

export function Mistakes({ seen }: { seen: PreviewReport }) {
  const { mistakes, looked_at: looked } = seen;
  const { word, isOneLine } = placesOf(seen.read_as);
  if (mistakes.length === 0) return null;
  return (
    <section class="mistakes">
      <h2>What is wrong</h2>
      <div class="scroll" tabindex={0} role="region" aria-label="What is wrong">
        <table>
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">What is wrong</th>
              <th scope="col" class="count">Rows</th>
              <th scope="col">For example</th>
            </tr>
          </thead>
          <tbody>
            {mistakes.map((mistake) => (
              <tr>
                <th scope="row">{headingOf(mistake)}</th>
                <td>{besideHeading(mistake)}</td>
                <td class="count n">
                  {mistake.rows === looked ? "all" : formatCount(mistake.rows)}
                </td>
                <td>
                  {mistake.value !== null && mistake.value.trim() !== "" && (
                    <q>
                      <bdi>{cut(mistake.value)}</bdi>
                    </q>
                  )} {mistake.hint !== undefined && <bdi>{mistake.hint}</bdi>}{" "}
                  <span class="dim">
                    {word} {formatCount(isOneLine ? mistake.row_number : mistake.line)}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function headingOf({ column, from }: PreviewReport["mistakes"][number]) {
  if (column === null) return <i>the whole row</i>;
  return from.length > 0 ? from.join(" + ") : column;
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1).toWellFormed()}…`;
}
