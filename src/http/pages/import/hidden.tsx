/** What is left out so that the page stays small, and how to see it. */
import { formatCount } from "../../../report/numbers.ts";

/** The button needs scripts: without them, the form that has the file offers the same. */
export function Hidden({ count }: { count: number }) {
  return (
    <p class="about">
      {formatCount(count)} more {count === 1 ? "column isn’t" : "columns aren’t"} shown here.{" "}
      <button type="button" class="quiet scripted-only" data-do="all-columns">
        Show all columns
      </button>
    </p>
  );
}
