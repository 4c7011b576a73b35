/**
 * Messages without commands and options: who asks over HTTP may have no shell on the server. Most
 * messages say what to do in words, and then how, so that only the words are left.
 */

/** What a command has after its name: options, numbers, names of files, placeholders. */
const ARGUMENT = [
  String.raw`--(?:code|column|group) (?:"(?:[^"]|"")*"|[^\s"]+)`,
  String.raw`--[a-z-]+|\d+|\u2026|[\w-]+\.csv|<[\w ]+>|[0-9a-f]{4,16}\b|[\w-]+(?= --file)`,
].join("|");
const ARGUMENTS = `(?: (?:${ARGUMENT}))*`;

type Rule = readonly [found: RegExp, words: string | ((...parts: string[]) => string)];

/** Where the words alone would not be enough, or no sentence. */
const SENTENCES: readonly Rule[] = [
  [/ ?`ingest runs` lists them\./gu, ""],
  [/`ingest errors \d+` lists its groups\./gu, "Its summary of errors lists its groups."],
  [/`ingest rows \d+` lists those/gu, "The list of its rows has those"],
  [/`ingest undo (\d+)` takes/gu, "An undo of run $1 takes"],
  [/`ingest retry (\d+)` uses/gu, "A retry of run $1 uses"],
  [
    new RegExp(
      `ingest errors (\\d+)${ARGUMENTS}, then ingest retry \\d+ --file failed\\.csv`,
      "gu",
    ),
    "download them, and retry run $1 with that file",
  ],
  [
    /the file that this writes, keeping all columns: ingest errors \d+ --export failed\.csv/gu,
    "the downloaded file of failed rows, and keep all columns",
  ],
  [/export again: ingest errors \d+ --export failed\.csv/gu, "download the failed rows again"],
  // A list of them.
  [/first: ingest undo/gu, "first: undo run"],
  [/then ingest undo/gu, "then undo run"],
  [/See: ingest (?:status|errors) (\d+)/gu, "See run $1"],
  [/ \(ingest status\)/gu, ""],
  [/: --accept-changes \(in the API: accept_changes\)/gu, ": `accept_changes`"],
  [
    / To load (it|them) all the same: --no-once\./gu,
    " To load $1 all the same, send `once: false`.",
  ],
  [/ Read it as standard input: --file - < .*$/gu, ""],
];

/** Options of commands that a definition can say, too. */
const READING =
  "(?:delimiter|quote|escape|comment|encoding|sheet|skip-lines|member|records|max-unpacked)";
const VALUE = String.raw`(?: (?:'[^']*'|"[^"]*"|tab\b|\d+))?`;

const OPTIONS: readonly Rule[] = [
  [new RegExp(` with --${READING},? or in the definition`, "gu"), " in the definition"],
  [new RegExp(` the definition or --${READING} says`, "gu"), " the definition says"],
  [new RegExp(` in the definition,? or --${READING}${VALUE}`, "gu"), " in the definition"],
  [new RegExp(`(?:say|load the file with) --${READING}${VALUE}, or (?=[\`s])`, "gu"), ""],
  [
    new RegExp(`(?:with )?--(${READING})(${VALUE})`, "gu"),
    (_, option, value) =>
      `\`${option.replaceAll("-", "_")}:${value || " …"}\` in the definition's source`,
  ],
  [/(?<![\w-])--([a-z]+(?:-[a-z]+)*)/gu, (_, option) => `\`${option.replaceAll("-", "_")}\``],
];

/** `Wait for it: ingest wait 12` */
const HOW = new RegExp(`: ingest [a-z]+(${ARGUMENTS})`, "gu");

export function withoutCommands(text: string): string {
  let words = applied(SENTENCES, text);
  words = words.replace(HOW, (_, given: string, at: number) => {
    const run = /\d+/u.exec(given)?.[0];
    const before = words.slice(0, at);
    return run === undefined || new RegExp(`\\b${run}\\b`, "u").test(before) ? "" : ` (run ${run})`;
  });
  return applied(OPTIONS, words);
}

function applied(rules: readonly Rule[], text: string): string {
  return rules.reduce(
    (words, [found, instead]) =>
      typeof instead === "string" ? words.replace(found, instead) : words.replace(found, instead),
    text,
  );
}
