/** The small parts of a workbook: which sheets it has, where they are, and its number formats. */
import { posix } from "node:path";
import { SourceError } from "../error.ts";
import { builtInFormat, compileFormat, type Shape } from "./number_format.ts";
import type { Package } from "./package.ts";
import type { XmlEvents } from "./xml_scanner.ts";
import type { XmlTag } from "./xml_tag.ts";

export interface Sheet {
  readonly name: string;
  /** From 1, as the tabs are in the workbook, hidden ones included. */
  readonly number: number;
  readonly isHidden: boolean;
  /** Null if it is no table: a chart, a dialog or macros. */
  readonly part: string | null;
}

export interface WorkbookParts {
  readonly sheets: readonly Sheet[];
  /** Days are counted from 1904. */
  readonly is1904: boolean;
  /** Its formulas have yet to be calculated, by the program that opens it. */
  readonly isUncalculated: boolean;
  readonly sharedStrings: string | null;
  /** By the number of a cell's style. */
  readonly shapes: readonly ((value: number) => Shape)[];
}

/** Throws SourceError if a part is missing or damaged. */
export async function readParts(zip: Package): Promise<WorkbookParts> {
  const root = await readLinks(zip, "");
  const workbook = root.find(({ type }) => type === "officeDocument")?.target ?? "xl/workbook.xml";
  refuseOthers(workbook);
  const links = await readLinks(zip, workbook);
  const read = new WorkbookEvents();
  await zip.scan(workbook, read);
  const byId = new Map(links.map((link) => [link.id, link]));
  const sheets = read.sheets.map(({ name, isHidden, id }, i) => {
    const link = byId.get(id);
    return { name, number: i + 1, isHidden, part: link?.type === "worksheet" ? link.target : null };
  });
  const part = (type: string) => links.find((link) => link.type === type)?.target ?? null;
  const styles = new StyleEvents();
  const stylesPart = part("styles");
  if (stylesPart !== null) await zip.scan(stylesPart, styles);
  return {
    sheets,
    is1904: read.is1904,
    isUncalculated: read.isUncalculated,
    sharedStrings: part("sharedStrings"),
    shapes: styles.shapes(),
  };
}

/** Office's other documents are made of the same parts. */
function refuseOthers(document: string): void {
  const advice = "Save it as .xlsx, or export it as CSV.";
  if (/\.bin$/iu.test(document)) {
    throw new SourceError(
      `it is a binary Excel workbook (.xlsb), which isn't supported. ${advice}`,
    );
  }
  const kind = /(?:^|\/)(?:document|document2)\.xml$/iu.test(document)
    ? "a Word document"
    : /(?:^|\/)presentation\.xml$/iu.test(document)
    ? "a PowerPoint presentation"
    : null;
  if (kind !== null) throw new SourceError(`it is ${kind}, not a workbook. ${advice}`);
}

interface Link {
  readonly id: string;
  /** The last part of its address, which is the same in both variants of the format. */
  readonly type: string;
  readonly target: string;
}

/** What a part refers to. What lies outside of the workbook is left out, and never fetched. */
async function readLinks(zip: Package, part: string): Promise<readonly Link[]> {
  const folder = posix.dirname(part === "" ? "." : part);
  const rels = posix.join(folder, "_rels", `${posix.basename(part)}.rels`);
  const links: Link[] = [];
  if (!zip.has(rels)) return links;
  await zip.scan(rels, {
    open(name, tag) {
      if (name !== "Relationship" || tag.text("TargetMode") === "External") return;
      const target = tag.text("Target") ?? "";
      links.push({
        id: tag.text("Id") ?? "",
        type: (tag.text("Type") ?? "").split("/").at(-1) ?? "",
        target: target.startsWith("/") ? target.slice(1) : posix.join(folder, target),
      });
    },
    text() {},
    close() {},
  });
  return links;
}

class WorkbookEvents implements XmlEvents {
  readonly sheets: { name: string; isHidden: boolean; id: string }[] = [];
  is1904 = false;
  isUncalculated = false;

  open(name: string, tag: XmlTag): void {
    if (name === "workbookPr") this.is1904 = tag.flag("date1904");
    if (name === "calcPr") this.isUncalculated = tag.flag("fullCalcOnLoad");
    if (name !== "sheet") return;
    const state = tag.text("state") ?? "visible";
    const isHidden = state !== "visible";
    this.sheets.push({ name: tag.text("name") ?? "", isHidden, id: tag.text("id") ?? "" });
  }
  text(): void {}
  close(): void {}
}

class StyleEvents implements XmlEvents {
  readonly #codes = new Map<number, string>();
  readonly #formats: number[] = [];
  #isInFormats = false;
  #isInCells = false;

  open(name: string, tag: XmlTag): void {
    if (name === "numFmts") this.#isInFormats = true;
    else if (name === "cellXfs") this.#isInCells = true;
    else if (name === "numFmt" && this.#isInFormats) {
      this.#codes.set(tag.integer("numFmtId", 0), tag.text("formatCode") ?? "General");
    } else if (name === "xf" && this.#isInCells) this.#formats.push(tag.integer("numFmtId", 0));
  }
  text(): void {}
  close(name: string): void {
    if (name === "numFmts") this.#isInFormats = false;
    else if (name === "cellXfs") this.#isInCells = false;
  }

  shapes(): ((value: number) => Shape)[] {
    const compiled = new Map<number, (value: number) => Shape>();
    return this.#formats.map((id) => {
      const known = compiled.get(id);
      if (known !== undefined) return known;
      const format = compileFormat(this.#codes.get(id) ?? builtInFormat(id));
      compiled.set(id, format);
      return format;
    });
  }
}
