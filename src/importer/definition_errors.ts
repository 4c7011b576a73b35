import type { Problem } from "./problem.ts";
import { didYouMean, nearest } from "./nearest.ts";

/** A definition can't be used. The message has one line for each of its problems. */
export class DefinitionError extends Error {
  override readonly name = "DefinitionError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map((problem) => problem.message).join("\n"));
    this.problems = problems;
  }
}

/** No definition has this slug. The message is one line and says what to do next. */
export class UnknownImporter extends Error {
  override readonly name = "UnknownImporter";
  readonly slug: string;
  readonly folder: string;
  readonly suggestion: string | null;

  constructor(slug: string, folder: string, known: readonly string[] | null) {
    const suggestion = nearest(slug, known ?? []);
    super(
      `Cannot find importer ${JSON.stringify(slug)}: ${reason(slug, folder, known, suggestion)}`,
    );
    this.slug = slug;
    this.folder = folder;
    this.suggestion = suggestion;
  }
}

const MAX_LISTED = 20;

function reason(
  slug: string,
  folder: string,
  known: readonly string[] | null,
  suggestion: string | null,
): string {
  const example = `with a file such as ${folder}/${slug}.yaml that says \`table: ${slug}\``;
  if (known === null) {
    return `there is no folder ${folder}; create it ${example}, or name another with --importers`;
  }
  if (known.length === 0) return `the folder ${folder} has no definitions; start ${example}`;
  if (suggestion !== null) return `it is not in ${folder}${didYouMean(suggestion)}`;
  const listed = known.slice(0, MAX_LISTED).join(", ") + (known.length > MAX_LISTED ? ", …" : "");
  return `it is not in ${folder}, which has ${listed}`;
}
