/** Which files are workbooks, and which only look as if they were. */
import type { SourceRule } from "../../importer/source_rule.ts";
import { SourceError } from "../error.ts";

const ZIP = [0x50, 0x4b, 0x03, 0x04];
/** A zip has the name of each member in clear text before it. */
const LOOKED_AT = 64 * 1024;
const decoder = new TextDecoder("latin1");

/** Also true of Office's other documents: what they are shows when they are opened. */
export function looksLikeWorkbook(sample: Uint8Array): boolean {
  if (!ZIP.every((byte, i) => sample[i] === byte)) return false;
  const names = decoder.decode(sample.subarray(0, LOOKED_AT));
  return names.includes("[Content_Types].xml") || names.includes("xl/");
}

/** Throws SourceError if the file is none of what the definition says, or a table of a web page. */
export function refuseOtherFormat(
  isWorkbook: boolean,
  sample: Uint8Array,
  { format }: SourceRule,
  name: string,
): void {
  if (isWorkbook && format !== "auto" && format !== "xlsx") {
    throw new SourceError(
      `Cannot import ${name}: it is an Excel workbook, and the definition says format: ${format}. ` +
        "Say format: xlsx or auto.",
    );
  }
  if (isWorkbook) return;
  const beginning = decoder.decode(sample.subarray(0, 1024)).replace(/^(?:\xef\xbb\xbf)?\s*/u, "");
  const page = /^<(?:!doctype html|html|head|body|table|meta)\b/iu.test(beginning);
  const xml = /^<\?xml\b/u.test(beginning) && /Excel\.Sheet|office:spreadsheet/u.test(beginning);
  if (page || xml) {
    throw new SourceError(
      `Cannot import ${name}: it is ${
        page ? "a web page (HTML)" : "an XML spreadsheet of 2003"
      }, ` +
        "whatever it is called. Open it in a spreadsheet program and save it as .xlsx or CSV.",
    );
  }
  if (format === "xlsx") {
    throw new SourceError(
      `Cannot import ${name}: it is not an Excel workbook (.xlsx), as format: xlsx says. ` +
        "Say format: auto, or save it as .xlsx.",
    );
  }
}
