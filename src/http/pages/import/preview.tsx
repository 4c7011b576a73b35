/** The third step: how the file is understood, and what would become of its first rows. */
import type { PreviewReport } from "../../../report/preview_schema.ts";
import { ChoosePart } from "./choose_part.tsx";
import { bringsHeadings, Mapping } from "./mapping.tsx";
import type { Allowed } from "./mapping_rows.ts";
import { Mistakes } from "./mistakes.tsx";
import { ReadAs } from "./read_as.tsx";
import { FailingRows, FirstRows } from "./rows_table.tsx";
import { Save } from "./save.tsx";
import { adviceIn, type Target } from "./target.ts";
import { Verdict } from "./verdict.tsx";
import { inPageWords } from "./words.ts";

export interface Refusal {
  readonly message: string;
  /** More of it, by field. */
  readonly details: readonly string[];
  /** Parts of the file that could be meant, by parameter. */
  readonly choices: Readonly<Record<string, readonly string[]>>;
}

/** Columns of a file that may not all be shown. */
const MANY_COLUMNS = 12;

export function isWide({ header, table_columns: columns }: PreviewReport): boolean {
  return Math.max(header.length, columns?.length ?? 0) > MANY_COLUMNS;
}

interface PreviewProps {
  readonly seen: PreviewReport;
  readonly target: Target;
  readonly allowed: Allowed;
  /** All columns are shown, however many there are. */
  readonly isWhole: boolean;
  /** What it may be saved in; undefined: who looks at it may not save it. */
  readonly saving?: { readonly file: string | null };
}

export function Preview({ seen, target, allowed, isWhole, saving }: PreviewProps) {
  return (
    <>
      <Verdict seen={seen} target={target} />
      <ReadAs seen={seen} target={target} />
      {seen.warnings.map((text) => (
        <p class="remark partly">
          <bdi>{inPageWords(text, seen.mapping)}</bdi>
        </p>
      ))}
      <AdviceLinks seen={seen} target={target} />
      <Mistakes seen={seen} />
      <FailingRows seen={seen} isWhole={isWhole} />
      <FirstRows seen={seen} isWhole={isWhole} />
      <Mapping seen={seen} allowed={allowed} isWhole={isWhole} />
      {saving !== undefined && (
        <Save {...{ seen, target }} file={saving.file} isWhole={bringsHeadings(seen, isWhole)} />
      )}
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

/** The file can't be looked at, or not before somebody has chosen a part of it. */
export function Refused({ refusal, target }: { refusal: Refusal; target: Target }) {
  const { message, details, choices } = refusal;
  const isChoice = Object.keys(choices).length > 0;
  return (
    <div class={`verdict ${isChoice ? "partly" : "bad"}`} role="status">
      <h2>{isChoice ? "One choice first" : "This can’t be imported"}</h2>
      {isChoice ? <ChoosePart choices={choices} target={target} /> : (
        <p>
          <bdi>{inPageWords(message)}</bdi>
        </p>
      )}
      {details.map((text) => (
        <p>
          <bdi>{inPageWords(text)}</bdi>
        </p>
      ))}
    </div>
  );
}
