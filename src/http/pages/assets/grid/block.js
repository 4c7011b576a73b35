/** Cells as spreadsheets exchange them: lines of values with tabs between them. */

/** @param {string[][]} lines */
export function writeBlock(lines) {
  return lines.map((values) => values.map(quoted).join("\t")).join("\n");
}

/** @param {string} text */
function quoted(text) {
  return /[\t\n\r"]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param {string} text @returns {string[][]} */
export function readBlock(text) {
  /** @type {string[][]} */
  const lines = [];
  /** @type {string[]} */
  let line = [];
  // A value in quotes, or one without; and what ends it.
  const cell = /(?:"((?:[^"]|"")*)"(?=[\t\r\n]|$)|([^\t\r\n]*))(\t|\r\n|\n|\r|$)/gu;
  for (let found = cell.exec(text); found !== null; found = cell.exec(text)) {
    const [all, inQuotes, plain, end] = found;
    // Spreadsheets end the last line, too.
    if (all === "" && line.length === 0) break;
    line.push(inQuotes === undefined ? plain : inQuotes.replaceAll('""', '"'));
    if (end !== "\t") {
      lines.push(line);
      line = [];
    }
    if (end === "") break;
  }
  return lines;
}
