/** What is said of several files, for the run's warnings. */
import type { Identity } from "../../../source/file/identity.ts";
import type { ResolvedSource } from "../../../source/resolved_source.ts";

interface KnownFile extends Identity {
  readonly name: string;
  readonly size: number;
}

interface NotedFile {
  readonly name: string;
  readonly source: Pick<ResolvedSource, "notes">;
}

/** Files with the same bytes, such as a copy or a link. */
export function repetitions(files: readonly KnownFile[]): readonly string[] {
  const notes: string[] = [];
  const firsts = new Map<string, string>();
  for (const { name, checksum, size } of files) {
    const first = firsts.get(checksum);
    if (first === undefined) firsts.set(checksum, name);
    else if (size > 0) {
      notes.push(`${name} has the same bytes as ${first}: its rows are read again.`);
    }
  }
  return shortened(notes);
}

/** What is said of so many files is said of each by itself. */
const NAMED_FILES = 20;

/** What is true of all files is said once. */
export function notesOf(opened: readonly NotedFile[]): readonly string[] {
  const names = new Map<string, string[]>();
  for (const { name, source } of opened) {
    for (const note of source.notes ?? []) names.set(note, [...names.get(note) ?? [], name]);
  }
  const notes = [...names].flatMap(([note, of]) =>
    of.length === opened.length ? [note] : of.map((name) => `${name}: ${note}`)
  );
  return shortened(notes);
}

export function shortened(notes: readonly string[]): readonly string[] {
  const others = notes.length - NAMED_FILES;
  return others <= 1
    ? notes
    : [...notes.slice(0, NAMED_FILES), `${others} notes like these on other files.`];
}
