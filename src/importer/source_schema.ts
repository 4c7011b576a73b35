/** The shape of `source` in a definition file. */
import * as z from "zod/mini";
import { conditionSchema } from "./condition/schema.ts";
import {
  choice,
  flag,
  mapping,
  oneOrMore,
  text,
  textOrNull,
  texts,
  wholeNumber,
} from "./schema_parts.ts";
import { IF_RUNNING, REMOTE_SCHEMES, type RemoteType, SOURCE_FORMATS } from "./source_rule.ts";

export const REMOTE_TYPES = Object.keys(REMOTE_SCHEMES) as RemoteType[];

const nullWords = z.array(textOrNull, { error: "a list of text values" });
export const nullsMapping = mapping(
  { unquoted: nullWords, any: z.optional(nullWords) },
  "a mapping {unquoted: list, any: list}",
);

const A_FILE_NAME = "what files are called, with parts in braces, such as orders-{region}.csv";
const A_MEMBER = "the name of a file in a zip archive, or a pattern such as *.csv";

const AN_ADDRESS = "the address of a file, such as https://example.com/orders.csv";
export const A_POSITION = "characters such as 1-20, counted from 1, or 39- for the rest";
const A_WIDTH = "a number of characters, 1 or more";

const SOME_RECORDS = "an array's place such as data.items, or a table of a dump";

const A_FOLDER = "a folder's path";
const A_MARKER = "what the file beside a complete one is called, such as *.ok";
/** One `*`, which stands for the file's name, and something before or after it. */
const MARKER = /^(?:[^*/\\]+\*[^*/\\]*|\*[^*/\\]+)$/u;
export const A_PAUSE = "a time such as 10s or 5m";

export const AN_INTERVAL = "a time such as 15m or 1d";

export const sourceSchema = mapping({
  type: z.optional(choice(["upload", "file", "folder", ...REMOTE_TYPES])),
  path: z.optional(
    z.string({ error: "a file's path" }).check(z.minLength(1, { error: "a file's path" })),
  ),
  url: z.optional(z.string({ error: AN_ADDRESS }).check(z.minLength(1, { error: AN_ADDRESS }))),
  key: z.optional(z.string({ error: "the path of a private key" })),
  headers: z.optional(z.record(z.string(), text, { error: "a mapping from headers to text" })),
  env: z.optional(z.array(z.string(), { error: "a list of names of environment variables" })),
  max_download: z.optional(z.union([z.string(), z.number()], { error: "a size such as 20GB" })),
  override: z.optional(flag),
  done: z.optional(z.string({ error: A_FOLDER }).check(z.minLength(1, { error: A_FOLDER }))),
  failed: z.optional(z.string({ error: A_FOLDER }).check(z.minLength(1, { error: A_FOLDER }))),
  ready: z.optional(z.string({ error: A_MARKER }).check(z.regex(MARKER, { error: A_MARKER }))),
  settle: z.optional(z.string({ error: A_PAUSE })),
  every: z.optional(z.string({ error: AN_INTERVAL })),
  cron: z.optional(z.string({ error: "a cron line such as 0 6 * * 1-5" })),
  time_zone: z.optional(z.string({ error: "a time zone such as Europe/Berlin or UTC" })),
  if_running: z.optional(choice(IF_RUNNING)),
  file_name: z.optional(
    z.string({ error: A_FILE_NAME }).check(z.regex(/\{[A-Za-z_]\w*\}/u, { error: A_FILE_NAME })),
  ),
  format: z.optional(choice(SOURCE_FORMATS)),
  widths: z.optional(
    z.record(z.string(), z.int({ error: A_WIDTH }).check(z.minimum(1, { error: A_WIDTH })), {
      error: "a mapping from columns to widths, such as {Name: 20, City: 15}",
    }),
  ),
  positions: z.optional(
    z.record(z.string(), z.union([z.string(), z.int()], { error: A_POSITION }), {
      error: "a mapping from columns to positions, such as {Name: 1-20, City: 24-38}",
    }),
  ),
  records: z.optional(
    z.string({ error: SOME_RECORDS }).check(z.minLength(1, { error: SOME_RECORDS })),
  ),
  member: z.optional(z.string({ error: A_MEMBER }).check(z.minLength(1, { error: A_MEMBER }))),
  max_unpacked: z.optional(z.union([z.string(), z.number()], { error: "a size such as 20GB" })),
  delimiter: z.optional(z.string({ error: "auto, tab, or what separates values" })),
  escape: z.optional(z.string({ error: "one character, such as a backslash" })),
  quote: z.optional(z.string({ error: "auto, none or one character" })),
  // A number, because YAML needs no quotes for code page 1252.
  encoding: z.optional(
    z.union([z.string(), z.int()], { error: "auto or an encoding such as utf-8" }),
  ),
  header: z.optional(z.union([z.literal(true), texts("true or a list of names")], {
    error: "true or a list of names",
  })),
  sheet: z.optional(
    z.union([z.string().check(z.minLength(1)), z.int().check(z.minimum(1))], {
      error: "a sheet's name or its number, from 1",
    }),
  ),
  skip_lines: z.optional(wholeNumber(0)),
  skip_after_header: z.optional(wholeNumber(0)),
  skip_footer: z.optional(wholeNumber(0)),
  skip_rows: z.optional(oneOrMore("a regular expression or a list of them")),
  when: z.optional(conditionSchema),
  skip_empty_rows: z.optional(flag),
  short_rows: z.optional(choice(["fail", "fill"])),
  comment: z.optional(z.string({ error: 'the text with which comments begin, such as "#"' })),
  null_values: z.optional(z.union([nullWords, nullsMapping], {
    error: "a list of text values, or a mapping {unquoted: list, any: list}",
  })),
}, "a mapping such as {type: file, path: data.csv}");
