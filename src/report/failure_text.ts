import type { LoggedError, RowErrors } from "../ledger/rows/rows.ts";

/** As `ErrorsInFileWords`: each detail may say in which cell of a workbook it is. */
interface PlacedErrors extends RowErrors {
  readonly details: readonly (LoggedError & { readonly cell?: string })[];
}

/**
 * What is wrong with a row: the messages of all fields, each after its cell if it is known, or the
 * headline if there are none.
 */
export function failureText(errors: PlacedErrors): string {
  // jsonb doesn't keep the order of the columns; the details are a list.
  const columns = new Set(errors.details.map(({ column }) => column));
  const messages = [...columns].flatMap((column) => {
    if (typeof column !== "string" || !Object.hasOwn(errors.validation, column)) return [];
    const details = errors.details.filter((detail) => detail.column === column);
    const cell = details.at(0)?.cell;
    const [first, ...others] = errors.validation[column];
    const hints = details.flatMap(({ hint }) => typeof hint === "string" ? [hint] : []);
    return [cell === undefined ? first : `${cell}: ${first}`, ...others, ...hints];
  });
  return messages.length > 0
    ? messages.join(" ")
    : `${errors.message}${checkText(errors)}${damagedText(errors)}`;
}

/** The damaged text, which the file of failed rows can't hold as it is. */
function damagedText({ details: [detail] }: RowErrors): string {
  const isDamaged = detail?.code === "encoding" && typeof detail.value === "string";
  return isDamaged ? ` It is: ${detail.value}` : "";
}

/** What a CHECK wants, which its name alone doesn't say. */
function checkText({ details }: RowErrors): string {
  const check = details.find(({ check }) => typeof check === "string")?.check;
  return check === undefined ? "" : ` It wants: ${check}.`;
}
