/** What a letter stands for after a backslash, in MySQL and in Postgres's text format. */
export const CONTROL_LETTERS: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};
