/** One file out of a multipart form, streamed into storage while it comes in. */
import busboy from "busboy";
import { Readable, type Writable } from "node:stream";
import { discardFile, type StoredFile, storeFile } from "../run/stored_file.ts";
import { RequestRefused } from "./answer_failure.ts";

export interface ReceivedForm {
  readonly file: StoredFile;
  readonly fields: ReadonlyMap<string, string>;
}

/** What we use of busboy, which brings no types. */
type FormParser = Writable & {
  on(event: "file", hear: (field: string, file: Readable, about: FileInfo) => void): unknown;
  on(event: "field", hear: (field: string, value: string, about: FieldInfo) => void): unknown;
  on(event: "partsLimit" | "fieldsLimit" | "filesLimit" | "close", hear: () => void): unknown;
  on(event: "error", hear: (error: Error) => void): unknown;
};

interface FileInfo {
  readonly filename?: string;
}

interface FieldInfo {
  readonly valueTruncated: boolean;
}

/** Of the form; the file has a limit of its own. */
const LIMITS = { fields: 10, fieldNameSize: 100, fieldSize: 1_000, files: 1, parts: 12 };

const createParser = busboy as unknown as (options: {
  readonly headers: { readonly "content-type": string };
  readonly limits: typeof LIMITS;
  readonly defParamCharset: string;
}) => FormParser;

/**
 * The form's field `file`, and its other fields, of which `known` may be there. If it throws,
 * nothing stays in storage. Throws RequestRefused, TooLarge, SourceError if storage can't be
 * written to, and the signal's reason.
 */
export async function receiveForm(
  contentType: string,
  body: ReadableStream<Uint8Array>,
  folder: string,
  maxBytes: number,
  known: readonly string[],
  signal: AbortSignal,
): Promise<ReceivedForm> {
  const parser = openParser(contentType);
  const incoming = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
  const fields = new Map<string, string>();
  let storing: Promise<StoredFile> | null = null;
  const parsed = new Promise<void>((resolve, reject) => {
    parser.on("file", (field, file, { filename }) => {
      if (field !== "file" || filename === undefined) {
        file.resume();
        return reject(wrongField(field, "expected the file in the field `file`, with its name"));
      }
      const content = Readable.toWeb(file) as ReadableStream<Uint8Array>;
      storing = storeFile(content, filename, folder, maxBytes);
      storing.catch(reject);
    });
    parser.on("field", (field, value, { valueTruncated }) => {
      if (!known.includes(field)) reject(wrongField(field, "there is no such field"));
      if (valueTruncated) reject(wrongField(field, "the value is too long"));
      fields.set(field, value);
    });
    parser.on("filesLimit", () => reject(wrongField("file", "expected one file, got several")));
    for (const event of ["partsLimit", "fieldsLimit"] as const) {
      parser.on(event, () => reject(wrongField("file", "the form has too many fields")));
    }
    // The connection broke off, or what came is not a form.
    parser.on("error", (error) => reject(broken(error)));
    incoming.on("error", (error) => reject(broken(error)));
    parser.on("close", resolve);
  });
  const giveUp = () => incoming.destroy(new Error("The server is closing."));
  signal.addEventListener("abort", giveUp);
  try {
    if (signal.aborted) giveUp();
    incoming.pipe(parser);
    await parsed;
    if (storing === null) throw wrongField("file", "expected a file, got none");
    return { file: await storing, fields };
  } catch (error) {
    incoming.destroy();
    parser.destroy(error instanceof Error ? error : undefined);
    await (storing as Promise<StoredFile> | null)?.then(discardFile, () => {/* nothing stays */});
    throw error;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

function openParser(contentType: string): FormParser {
  try {
    return createParser({
      headers: { "content-type": contentType },
      limits: LIMITS,
      defParamCharset: "utf8",
    });
  } catch (error) {
    // No boundary, for example.
    throw broken(error);
  }
}

function wrongField(field: string, problem: string): RequestRefused {
  const name = field.slice(0, 100);
  return new RequestRefused(422, "validation", `The form can't be used: ${name}: ${problem}.`, {
    [name]: [problem],
  });
}

function broken(cause: unknown): RequestRefused {
  return Object.assign(
    new RequestRefused(400, "malformed", "The form is broken off or malformed."),
    { cause },
  );
}
