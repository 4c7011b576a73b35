/** How a file is read, and how to have it read differently. */
import type { Child } from "hono/jsx";
import type { PreviewReport } from "../../../report/preview_schema.ts";
import { NAMES, PARTS } from "./choose_part.tsx";
import { pageQuery, type Reading, type Target } from "./target.ts";
import { TargetFields } from "./target_fields.tsx";

const DELIMITERS: Readonly<Record<string, string>> = {
  ",": "comma",
  ";": "semicolon",
  "\t": "tab",
  "|": "vertical bar",
  " ": "blank",
};

/** What delimited text may be read by. */
type Dialect = "delimiter" | "quote" | "encoding";

const CHOICES: Readonly<
  Record<Dialect, Readonly<Record<string, string>>>
> = {
  delimiter: { ",": "comma ,", ";": "semicolon ;", tab: "tab", "|": "bar |" },
  quote: { '"': 'double "', "'": "single '", none: "none" },
  encoding: {
    "utf-8": "UTF-8",
    "windows-1252": "Windows-1252 (Western)",
    "windows-1250": "Windows-1250 (Central European)",
    "windows-1251": "Windows-1251 (Cyrillic)",
    "iso-8859-15": "ISO 8859-15",
    cp850: "DOS 850",
    macintosh: "Mac OS Roman",
    shift_jis: "Shift JIS",
    gb18030: "GB 18030",
    "utf-16le": "UTF-16",
  },
};

/** How the file is read, and which part of it. */
export function ReadAs({ seen, target }: { seen: PreviewReport; target: Target }) {
  return (
    <>
      <HowRead seen={seen} target={target} />
      <ChosenParts target={target} />
    </>
  );
}

function HowRead({ seen, target }: { seen: PreviewReport; target: Target }) {
  const { read_as, header, header_line, time_zone } = seen;
  const isChanged = Object.keys(target.reading).length > 0;
  const { delimiter } = read_as;
  // Only delimited text can be read differently.
  if (delimiter === null || read_as.format === "xlsx") {
    return (
      <p class="read-as">
        Read as <b>{read_as.format.toUpperCase()}</b>, {header.length}{" "}
        {header.length === 1 ? "column" : "columns"}
        {time_zone !== null && <>, local times in {time_zone}</>}
        <Unpacked seen={seen} />
      </p>
    );
  }
  return (
    <details class="read-as" open={isChanged || undefined}>
      <summary>
        Read as <b>{read_as.encoding.toUpperCase()}</b>, separated by{" "}
        <b>{DELIMITERS[delimiter] ?? delimiter}</b>, {header.length}{" "}
        {header.length === 1 ? "column" : "columns"},{" "}
        {header_line === null ? "without a header" : (
          <>
            names in line <b>{header_line}</b>
          </>
        )}
        {time_zone !== null && <>, local times in {time_zone}</>}
        <Unpacked seen={seen} /> <u>Change</u>
      </summary>
      <form method="get" action="/import" class="reading">
        <TargetFields target={target} of={["sheet", "member", "records"]} />
        <Field name="encoding" text="Encoding">
          <Options name="encoding" target={target} />
        </Field>
        <Field name="delimiter" text="Columns are separated by">
          <Options name="delimiter" target={target} />
        </Field>
        <Field name="quote" text="Quotes">
          <Options name="quote" target={target} />
        </Field>
        <Field name="skip_lines" text="Lines above the names">
          <input
            id="skip_lines"
            name="skip_lines"
            type="number"
            min="0"
            max="1000"
            placeholder="as usual"
            value={target.reading.skip_lines ?? ""}
          />
        </Field>
        <button type="submit">Read it like this</button>
      </form>
    </details>
  );
}

function Unpacked({ seen: { read_as: { unpacked } } }: { seen: PreviewReport }) {
  return unpacked === null ? null : (
    <>
      , <bdi>{unpacked}</bdi>
    </>
  );
}

/** What somebody has chosen of the file, and how to choose something else. */
function ChosenParts({ target }: { target: Target }) {
  return (
    <>
      {PARTS.filter((name) => target.reading[name] !== undefined).map((name) => {
        const { [name]: chosen, ...reading } = target.reading;
        return (
          <p class="read-as">
            The {NAMES[name]}{" "}
            <b>
              <bdi>{chosen}</bdi>
            </b>{" "}
            <a href={`/import${pageQuery({ ...target, reading })}`}>Choose another</a>
          </p>
        );
      })}
    </>
  );
}

function Field({ name, text, children }: { name: Reading; text: string; children: Child }) {
  return (
    <p>
      <label for={name}>{text}</label>
      {children}
    </p>
  );
}

function Options(
  { name, target }: { name: Dialect; target: Target },
) {
  const now = target.reading[name] ?? "";
  const choices = CHOICES[name];
  return (
    <select id={name} name={name}>
      <option value="">as usual</option>
      {now !== "" && !(now in choices) && <option value={now} selected>{now}</option>}
      {Object.entries(choices).map(([value, text]) => (
        <option value={value} selected={value === now}>{text}</option>
      ))}
    </select>
  );
}
