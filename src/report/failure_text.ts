import type { RowErrors } from "../ledger/rows.ts";

/** What is wrong with a row: the messages of all fields, or the headline if there are none. */
export function failureText(errors: RowErrors): string {
  // jsonb doesn't keep the order of the columns; the details are a list.
  const columns = new Set(errors.details.map(({ column }) => column));
  const messages = [...columns].flatMap((column) =>
    typeof column === "string" && Object.hasOwn(errors.validation, column)
      ? errors.validation[column]
      : []
  );
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
