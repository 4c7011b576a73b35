/** What a failed row says about its cells, as the API tells it. */

/**
 * @typedef {object} Row
 * @property {number} row_number
 * @property {string} [file] its name, if the run reads several
 * @property {number} line
 * @property {Record<string, string>} data by column of the file
 * @property {string[]} [cut]
 * @property {RowErrors | null} errors
 * @property {number} [resolved_by_run_id]
 * @property {true} [waived]
 * @property {Correction} [correction]
 */
/**
 * @typedef {object} Correction what the next retry tries instead of the row's own cells
 * @property {Record<string, string>} values by column of the file
 * @property {string[]} [cut]
 * @property {boolean} drop_surplus
 * @property {string | null} by
 * @property {string} at
 */
/**
 * @typedef {object} RowErrors
 * @property {string} message
 * @property {Record<string, string[]>} validation
 * @property {{code?: unknown, column?: unknown}[]} details
 */
/**
 * @typedef {object} Column of the file
 * @property {string} name
 * @property {string[]} fills columns of the table
 */
/**
 * @typedef {object} Faults
 * @property {Map<number, string>} cells what is wrong with each wrong cell, by its column's place
 * @property {string} reason why the row failed, in a line
 */

/**
 * Where people find the row.
 * @param {{file?: string, line: number}} row
 * @param {"line" | "row"} word what lines of the file are called
 */
export function placeOf({ file, line }, word) {
  const place = `${word} ${line.toLocaleString("en")}`;
  return file === undefined ? place : `${place} of ${file}`;
}

/** The same as the row's heading. @param {{file?: string, line: number}} row */
export function headingOf({ file, line }) {
  return file === undefined ? line.toLocaleString("en") : `${file}:${line}`;
}

/** @type {WeakMap<RowErrors, Faults>} */
const known = new WeakMap();
/** @type {Faults} */
const NONE = { cells: new Map(), reason: "" };

/** @param {RowErrors | null} errors @param {Column[]} columns */
export function faultsOf(errors, columns) {
  if (errors === null) return NONE;
  const found = known.get(errors) ?? find(errors, columns);
  known.set(errors, found);
  return found;
}

/** @param {RowErrors} errors @param {Column[]} columns @returns {Faults} */
function find({ message, validation, details }, columns) {
  const cells = new Map();
  const targets = new Set(Object.keys(validation));
  for (const { column } of details) if (typeof column === "string") targets.add(column);
  for (const target of targets) {
    const text = (Object.hasOwn(validation, target) ? validation[target] : [message]).join(" ");
    columns.forEach(({ fills }, place) => {
      if (!fills.includes(target)) return;
      cells.set(place, cells.has(place) ? `${cells.get(place)} ${text}` : text);
    });
  }
  const texts = [...new Set(Object.values(validation).flat())];
  return { cells, reason: texts.length === 0 ? message : texts.map(shorten).join(" ") };
}

/** `The E-Mail field (email) is required.` → `E-Mail is required.` @param {string} message */
export function shorten(message) {
  return message.replace(/^The (.+?) field(?: \([^)]*\))? /u, "$1 ");
}
