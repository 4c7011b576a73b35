/** Several parts of a file could be meant: a sheet of a workbook, a file of an archive, a list of a JSON file. */
import { READING, type Target } from "./target.ts";
import { TargetFields } from "./target_fields.tsx";

export const PARTS = ["sheet", "member", "records"] as const;
type Part = (typeof PARTS)[number];

export const NAMES: Readonly<Record<Part, string>> = {
  sheet: "sheet",
  member: "file",
  records: "list",
};

/** How the question is put. */
const QUESTIONS: Readonly<Record<Part, string>> = {
  sheet: "Which sheet has the rows?",
  member: "Which file of the archive has the rows?",
  records: "Which list in it has the rows?",
};

interface Props {
  readonly choices: Readonly<Record<string, readonly string[]>>;
  readonly target: Target;
}

export function ChoosePart({ choices, target }: Props) {
  return (
    <>
      {PARTS.filter((part) => (choices[part] ?? []).length > 0).map((part) => (
        <form method="get" action="/import" class="which-part">
          <TargetFields
            target={target}
            of={READING.filter((name) =>
              name !== part
            )}
          />
          <label for={part}>{QUESTIONS[part]}</label>
          <select id={part} name={part}>
            {choices[part].map((name) => <option value={name}>{name}</option>)}
          </select>
          <button type="submit" class="primary">Read this one</button>
        </form>
      ))}
    </>
  );
}
