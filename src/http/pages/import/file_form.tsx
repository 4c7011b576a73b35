/** The second step: the file. Works without scripts; with them it previews, and shows how far it is. */
import { formatBytes } from "../../../report/numbers.ts";
import { BASE_PATH } from "../../route.ts";
import { apiPath, pageQuery, type Target } from "./target.ts";

interface FileFormProps {
  readonly target: Target;
  /** Is there anything to load it into? */
  readonly isReady: boolean;
  /** Bytes. */
  readonly maxUpload: number;
  /** A file with more columns than the page shows was looked at. */
  readonly isWide: boolean;
  /** The run that has loaded the same file, and why nothing was done. */
  readonly loaded: string | null;
}

export function FileForm({ target, isReady, maxUpload, isWide, loaded }: FileFormProps) {
  const upload = apiPath("upload", target);
  const to = (what: string, all = "") => `/import/${what}${pageQuery(target, all)}`;
  return (
    <form
      id="file-form"
      class="file-form"
      method="post"
      enctype="multipart/form-data"
      action={to("upload")}
      data-preview={isReady ? to("preview") : undefined}
      data-upload={isReady && upload !== null ? BASE_PATH + upload : undefined}
      data-api={BASE_PATH}
      data-max={String(maxUpload)}
    >
      <label class="drop" for="file">
        <svg viewBox="0 0 24 24" width="28" height="28" aria-hidden="true">
          <path d="M12 15V4m-4.5 4.5L12 4l4.5 4.5M4 15v4a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-4" />
        </svg>
        <span class="ask">
          <strong>
            Drop a file <span class="anywhere">anywhere on this page</span>
          </strong>{" "}
          or <u>choose one</u>
        </span>
        <span class="hint">
          CSV, Excel (.xlsx), JSON or other text with columns, as it is or in a .zip or .gz, up to
          {" "}
          {formatBytes(maxUpload)}. Nothing is loaded before you say so.
        </span>
        <input id="file" type="file" name="file" required accept={ACCEPTED} />
      </label>
      <p class="told" role="alert" hidden></p>
      {isReady && (
        <div class="actions plain">
          {loaded !== null && (
            <label class="anyway">
              <input type="checkbox" name="once" value="false" /> Load it although run {loaded}{" "}
              has loaded the same file
            </label>
          )}
          <button type="submit" formaction={to("preview")} class="look">Look at it first</button>
          {isWide && (
            <button type="submit" formaction={to("preview", "all")} class="look">
              Look at all its columns
            </button>
          )}
          <button type="submit" name="dry_run" value="true">Dry run</button>
          <button type="submit" class="primary">Import</button>
        </div>
      )}
    </form>
  );
}

/** A hint for the dialog; other files can be chosen all the same. */
const ACCEPTED = ".csv,.tsv,.tab,.txt,.psv,.xlsx,.json,.ndjson,.jsonl,.zip,.gz,.zst,text/csv," +
  "text/tab-separated-values,text/plain,application/json";
