/** Keeps what was settled for a file: as a new importer, or in the one that was chosen. */
import type { Child } from "hono/jsx";
import { toSlug } from "../../../importer/slug.ts";
import { parseTableName } from "../../../importer/table_name.ts";
import type { PreviewReport } from "../../../report/preview_schema.ts";
import { writtenColumns } from "./saved_columns.ts";
import { pageQuery, type Target } from "./target.ts";

export interface SaveProps {
  readonly seen: PreviewReport;
  readonly target: Target;
  /** Of the chosen importer's definition. */
  readonly file: string | null;
  /** The page has the names of all columns. */
  readonly isWhole: boolean;
}

export function Save({ seen, target, file, isWhole }: SaveProps) {
  if (seen.mapping === null) return null;
  if (target.importer === null) {
    return (
      <Keep>
        {isWhole
          ? <AsImporter columns={writtenColumns(seen.mapping)} target={target} />
          : <p class="about">Show all columns first: then all this can be saved under a name.</p>}
      </Keep>
    );
  }
  // A script shows it when somebody has changed what goes where.
  const isChanged = Object.keys(target.reading).length > 0;
  return (
    <Keep isHidden={!isChanged}>
      {file === null || /\.(?:ya?ml|json)$/iu.test(file)
        ? <InImporter target={target} />
        : (
          <p class="about">
            {target.importer}{" "}
            is written in JavaScript: only whoever wrote it can change it for all files to come.
            What you have changed holds for this file.
          </p>
        )}
    </Keep>
  );
}

function Keep({ isHidden = false, children }: { isHidden?: boolean; children?: Child }) {
  return (
    <section class="keep" data-keep="" hidden={isHidden || undefined}>
      <h2>For the next time</h2>
      {children}
    </section>
  );
}

function AsImporter({ columns, target }: { columns: string; target: Target }) {
  return (
    <form method="post" action={`/import/save${pageQuery(target)}`} data-save="">
      <textarea name="columns" hidden>{`\n${columns}`}</textarea>
      <label for="slug">Save all this as</label>
      <input
        id="slug"
        name="slug"
        required
        maxlength={100}
        autocomplete="off"
        spellcheck={false}
        value={toSlug(parseTableName(target.table ?? "")?.name ?? "")}
      />
      <button type="submit">Save</button>
      <p class="hint">
        Where it goes, how it is read and what goes where: next time you choose it by its name.
        Lowercase letters, digits, - and _.
      </p>
    </form>
  );
}

function InImporter({ target }: { target: Target }) {
  return (
    <form method="post" action={`/import/save${pageQuery(target)}`} data-save="">
      <input type="hidden" name="columns" value="" />
      <button type="submit">
        Save the changes in <bdi>{target.importer}</bdi>
      </button>
      <p class="hint">Then they hold for all files to come. Headings as before stay welcome.</p>
    </form>
  );
}
