/** The keys of `source`, for editors. */
import type { ParsedDefinition } from "../schema.ts";
import { CONDITION_HELP } from "./condition_help.ts";
import type { HelpFor } from "./key_help.ts";

export const SOURCE_HELP: HelpFor<ParsedDefinition["source"]> = {
  type: {
    says:
      "Where the file comes from. upload: it is named when a run starts. file: always the file " +
      "at `path`. folder: files of a folder, as they come. url, s3, sftp: fetched from `url`.",
    example: "file",
  },
  path: {
    says: "For type: file, a file, a folder or a pattern. For type: folder, a folder or a pattern.",
    example: "in/*.csv",
  },
  url: {
    says: "The address of a file that is fetched. ${NAME} is a variable that `env` names.",
    example: "https://crm.example.com/export/customers.csv",
  },
  key: { says: "For type: sftp, the file of a private key.", example: "${SFTP_KEY}" },
  headers: {
    says: "For type: url, headers to send along.",
    example: { Authorization: "Bearer ${CRM_TOKEN}" },
  },
  env: {
    says: "The environment variables that ${NAME} may mean in `url`, `headers` and `key`.",
    example: ["CRM_TOKEN"],
  },
  max_download: { says: "How large a fetched file may be. Default: 10GB.", example: "50GB" },
  override: {
    says: "true: requests may name another file, or another address. --file always may.",
    example: true,
  },
  done: { says: "For type: folder, where files go once they are loaded.", example: "done/" },
  failed: { says: "For type: folder, where files go that have failed.", example: "failed/" },
  ready: {
    says: "For type: folder, what the file beside a complete one is called; * is its name.",
    example: "*.ok",
  },
  settle: {
    says: "For type: folder, how long a file must not have changed before it is taken. " +
      "Default: 10s.",
    example: "30s",
  },
  every: { says: "The source is loaded by itself, so often.", example: "15m" },
  cron: {
    says: "The source is loaded by itself: minute, hour, day of the month, month, weekday.",
    example: "0 6 * * 1-5",
  },
  time_zone: {
    says: "In which `cron` is meant. Default: the definition's.",
    example: "Europe/Berlin",
  },
  if_running: {
    says: "If the source is due while a run of the importer is open: skip that time, or wait.",
    example: "wait",
  },
  file_name: {
    says: "What files are called. Parts in braces are values: ${file.region}.",
    example: "orders-{region}-{day}.csv",
  },
  format: { says: "Default: auto, by the file's content.", example: "csv" },
  widths: {
    says: "For format: fixed, how many characters each column has, from left to right.",
    example: { Name: 20, City: 15 },
  },
  positions: {
    says: "For format: fixed, where each column is, from 1. They may leave gaps.",
    example: { Name: "1-20", City: "24-38", Note: "39-" },
  },
  records: {
    says: "Where the rows are in a JSON document, or which table of a dump has them.",
    example: "data.items",
  },
  member: {
    says: "Of a zip archive, the file that is read: its name or a pattern.",
    example: "orders-*.csv",
  },
  max_unpacked: { says: "How large a packed file may become.", example: "50GB" },
  delimiter: {
    says: "What separates values: auto, tab, one character or several. Default: auto.",
    example: ";",
  },
  escape: { says: "A character that makes the next one ordinary.", example: "\\" },
  quote: {
    says: "What encloses values: auto, none or one character. Default: auto.",
    example: "'",
  },
  encoding: { says: "auto, which guesses, or a name. Default: auto.", example: "windows-1252" },
  header: {
    says: "true: the first row has the names. Or a list of names, for a file without a header.",
    example: ["sku", "price", "note"],
  },
  sheet: { says: "Of a workbook, the sheet: its name, or its number from 1.", example: "Orders" },
  skip_lines: { says: "How many lines come before the header. Default: 0.", example: 2 },
  skip_after_header: {
    says: "How many lines between the header and the rows are no rows, such as units.",
    example: 1,
  },
  skip_footer: { says: "How many lines at the end are no rows, such as totals.", example: 1 },
  skip_rows: {
    says: "Regular expressions of rows that are no data. Each is matched against a whole row.",
    example: ["^(Sub)?total;"],
  },
  when: {
    says: "Rows for which this condition doesn't hold are left out.",
    example: { column: "Type", equals: "order" },
    keys: CONDITION_HELP,
  },
  skip_empty_rows: {
    says: "Rows of delimiters and blanks only are no rows. Default: true.",
    example: false,
  },
  short_rows: {
    says: "fill: a row with too few cells gets empty ones at its end. Default: fail.",
    example: "fill",
  },
  comment: { says: "Lines that begin with this text are no rows.", example: "#" },
  null_values: {
    says: 'Texts that stand for NULL. Or {unquoted: [""]}: only without quotes, as in COPY.',
    example: ["", "NULL", "n/a"],
    keys: {
      unquoted: { says: "Texts that stand for NULL unless they are in quotes.", example: [""] },
      any: { says: "Texts that stand for NULL with or without quotes.", example: ["n/a"] },
    },
  },
};
