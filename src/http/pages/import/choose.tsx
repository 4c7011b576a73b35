/** The first step: where the file goes. */
import type { Definition } from "../../../importer/definition.ts";
import { takesUploads } from "../../../importer/source_rule.ts";
import { sourceOf, strategyOf } from "../importers/words.ts";
import { StartButton } from "../importers/start_button.tsx";
import type { Choices } from "./choices.ts";
import { pageQuery, type Target, writtenKey } from "./target.ts";

export function Choose({ choices, target }: { choices: Choices; target: Target }) {
  if (choices.chosen !== null) return <Chosen definition={choices.chosen} />;
  if (target.table !== null && choices.tables !== null) {
    return <ChosenTable choices={choices} target={target} />;
  }
  return (
    <>
      {target.importer !== null && (
        <p class="note refused" role="alert">
          There is no importer <bdi>{target.importer}</bdi> any more. Choose another one.
        </p>
      )}
      {choices.importers.length > 0 && (
        <ul class="choices">
          {choices.importers.map((definition) => (
            <li>
              <Choice definition={definition} />
            </li>
          ))}
        </ul>
      )}
      {choices.tables !== null && choices.tables.length > 0 && (
        <TableForm tables={choices.tables} hasImporters={choices.importers.length > 0} />
      )}
    </>
  );
}

function Choice({ definition }: { definition: Definition }) {
  const { slug, description, table, source } = definition;
  const to = takesUploads(source) ? `/import?importer=${encodeURIComponent(slug)}` : null;
  return (
    <article class={to === null ? "choice here" : "choice"}>
      <h3>
        {to === null
          ? <a href={`/importers/${encodeURIComponent(slug)}`}>{slug}</a>
          : <a class="stretched" href={to}>{slug}</a>}
      </h3>
      <p>
        {description === null ? null : <bdi>{description}</bdi>}
      </p>
      <p class="about">
        {to === null ? <bdi>{sourceOf(definition)}</bdi> : null} <span aria-label="into">→</span>
        {" "}
        <code>
          <bdi>{table}</bdi>
        </code>
      </p>
      {to === null && <StartButton definition={definition} />}
    </article>
  );
}

function Chosen({ definition }: { definition: Definition }) {
  const { slug, description, table, source } = definition;
  return (
    <article class="chosen">
      <div>
        <h3>
          <a href={`/importers/${encodeURIComponent(slug)}`}>{slug}</a>{" "}
          <span class="into" aria-label="into">→</span>{" "}
          <code>
            <bdi>{table}</bdi>
          </code>
        </h3>
        {description !== null && (
          <p>
            <bdi>{description}</bdi>
          </p>
        )}
        <p class="about">{strategyOf(definition)}</p>
      </div>
      <a class="button" href="/import?choose=1">Change</a>
      {!takesUploads(source) && (
        <div class="here">
          <p>
            It takes no upload: it loads <bdi>{sourceOf(definition)}</bdi>.
          </p>
          <StartButton definition={definition} />
        </div>
      )}
    </article>
  );
}

function TableForm(
  { tables, hasImporters }: { tables: readonly string[]; hasImporters: boolean },
) {
  return (
    <form method="get" action="/import" class="of-table">
      <label for="table">
        {hasImporters ? "Or a table without an importer" : "A table of the database"}
      </label>
      <select id="table" name="table" required>
        <option value="">Choose a table</option>
        {tables.map((name) => <option value={name}>{name}</option>)}
      </select>
      <button type="submit">Use this table</button>
      <p class="hint">The file’s columns fill the table’s columns of the same name.</p>
    </form>
  );
}

const MEANING = {
  skip: "are skipped",
  update: "update it",
  fail: "fail",
} as const;

function ChosenTable({ choices, target }: { choices: Choices; target: Target }) {
  const chosen = writtenKey(target.key);
  return (
    <article class="chosen">
      <div>
        <h3>
          The table{" "}
          <code>
            <bdi>{target.table}</bdi>
          </code>
        </h3>
        <p class="about">The file’s columns fill the table’s columns of the same name.</p>
        {choices.keys.length > 0 && (
          <form method="get" action="/import" class="same" data-submit-on-change="">
            <input type="hidden" name="table" value={target.table ?? ""} />
            {Object.entries(target.reading).map(([name, value]) => (
              <input type="hidden" name={name} value={value} />
            ))}
            <label for="key">Rows with the same</label>
            <select id="key" name="key">
              <option value="">– nothing: add every row –</option>
              {choices.keys.map((columns) => (
                <option value={writtenKey(columns)} selected={writtenKey(columns) === chosen}>
                  {columns.join(" and ")}
                </option>
              ))}
            </select>
            {chosen !== "" && (
              <>
                <label for="on_duplicate">as one in the table</label>
                <select id="on_duplicate" name="on_duplicate">
                  {Object.entries(MEANING).map(([name, meaning]) => (
                    <option value={name} selected={name === (target.onDuplicate ?? "skip")}>
                      {meaning}
                    </option>
                  ))}
                </select>
              </>
            )}
            <noscript>
              <button type="submit">Use this</button>
            </noscript>
          </form>
        )}
      </div>
      <a class="button" href="/import?choose=1">Change</a>
    </article>
  );
}

/** Where the page without a choice leads: to the only one that there is. */
export function onlyChoice({ importers, tables }: Choices): string | null {
  if (importers.length !== 1 || (tables !== null && tables.length > 1)) return null;
  const [{ slug, source }] = importers;
  if (!takesUploads(source)) return null;
  return `/import${
    pageQuery({ importer: slug, table: null, key: [], onDuplicate: null, reading: {} })
  }`;
}
