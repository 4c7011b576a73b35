/** Messages in the words of whoever has the file: a definition is what they know as settings. */

import type { PreviewReport } from "../../../report/preview_schema.ts";

interface About {
  readonly column: string | null;
  readonly message: string;
}

/** `The email field must be …` → `Must be …`: the file's heading stands beside it. */
export function besideHeading({ column, message }: About): string {
  const start = `The ${column} field `;
  if (column === null || !message.startsWith(start)) return inPageWords(message);
  const rest = message.slice(start.length);
  return rest[0].toUpperCase() + rest.slice(1);
}

/** `A definition`, `the definition's source`, with a verb of one thing if there is one. */
const DEFINITION = /\b(?:(A|a|an) )?definition(?:'s source)?\b(?: ([a-z]+s|doesn't)\b)?/gu;
/** Settings are many. */
const VERBS: Readonly<Record<string, string>> = { has: "have", is: "are", "doesn't": "don't" };

/** `All 3 refused values of signed_up would fit …`: a column of the table. */
const OF_COLUMN = /(?<=refused values? of )(.+?)(?= would fit)/u;

/** `The definition says` → `The import settings say`; columns are called as the file calls them. */
export function inPageWords(text: string, mapping: PreviewReport["mapping"] = null): string {
  return text.replace(
    OF_COLUMN,
    (column) => mapping?.find((each) => each.column === column)?.from.join(" + ") || column,
  ).replaceAll(
    /with `(?:encoding|delimiter|quote)`,? or in the definition/gu,
    "under “Change”",
  )
    .replaceAll(DEFINITION, (_, article?: string, verb?: string) => {
      const settings = article === "A" ? "Import settings" : "import settings";
      return verb === undefined ? settings : `${settings} ${VERBS[verb] ?? verb.slice(0, -1)}`;
    });
}
