/**
 * The peak memory where a gigabyte is in one place of a file: in one row, around the rows, or in the
 * texts that the cells of a workbook refer to.
 */
import { ZipWriter } from "../../../src/report/workbook/zip_writer.ts";
import type { Bench } from "../bench.ts";
import type { Expected } from "../programs/ingest.ts";
import type { FigureResult } from "../result.ts";
import { EMPTY } from "../states.ts";
import { figure, type Figures } from "./figure.ts";

const MEGABYTES = 400;
const PIECES = 1000;
/**
 * About the longest text of a cell, and so many of them that they are a gigabyte. They are packed to a
 * hundredth: what is packed further is taken for a file that is made to fill disks.
 */
const CELL = Array.from({ length: 120 }, (_, i) => i * 7919 % 99_991 + 100_000).join(" ").repeat(
  38,
);
const CELLS = 31_000;

type Write = (bytes: Uint8Array) => Promise<void>;

const encoder = new TextEncoder();

interface Heavy {
  readonly words: string;
  readonly extension: string;
  readonly expected: Expected;
  write(write: Write): Promise<void>;
}

const ROW = '{"id":1,"name":"a","amount":1}';
const OTHER = '{"id":3,"name":"c","amount":3}';

const FILES: readonly Heavy[] = [
  {
    words: "one element of 1 GB in a JSON array",
    extension: "json",
    expected: { created: 2, failed: 1 },
    write: around(`[${ROW},{"id":2,"name":"`, `"},${OTHER}]`),
  },
  {
    words: "one line of 1 GB of NDJSON",
    extension: "ndjson",
    expected: { created: 2, failed: 1 },
    write: around(`${ROW}\n{"id":2,"name":"`, `"}\n${OTHER}\n`),
  },
  {
    words: "1 GB around the rows of a JSON document",
    extension: "json",
    expected: { created: 2 },
    write: around('{"meta":"', `","data":{"items":[${ROW},${OTHER}]}}`),
  },
  {
    words: "a workbook with 1 GB of shared texts",
    extension: "xlsx",
    expected: { created: CELLS },
    write: writeWorkbook,
  },
];

export const GIGABYTE: Figures = {
  name: "memory of a gigabyte in one place",
  async measure(bench, effort) {
    const figures: FigureResult[] = [];
    for (const file of effort.large ? FILES : []) {
      const peak = await peakOf(bench, file);
      if (peak === null) continue;
      figures.push(figure(`memory, ${file.words}`, peak, "MB", MEGABYTES, effort));
    }
    return figures;
  },
};

/** In MB. Null where the system doesn't tell. */
async function peakOf(bench: Bench, { extension, expected, write, words }: Heavy) {
  const path = `${bench.temporary}/gigabyte.${extension}`;
  try {
    {
      using file = await Deno.open(path, { write: true, create: true, truncate: true });
      await write(async (bytes) => {
        bench.signal.throwIfAborted();
        for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      });
    }
    const args = ["run", "unchecked", "--file", path, "--importers", bench.folders.importers];
    const load = await bench.ingest.load(await bench.states.restore(EMPTY, bench), args, expected);
    bench.log(`  ${words}: ${load.seconds.toFixed(2)} s`);
    return load.peakMegabytes;
  } finally {
    await Deno.remove(path);
  }
}

function around(before: string, behind: string): Heavy["write"] {
  return async (write) => {
    await write(encoder.encode(before));
    const piece = encoder.encode("x".repeat(1_000_000));
    for (let i = 0; i < PIECES; i++) await write(piece);
    await write(encoder.encode(behind));
  };
}

const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";

/** Each row has a text of its own. */
async function writeWorkbook(write: Write): Promise<void> {
  const zip = new ZipWriter(write);
  await zip.add("[Content_Types].xml", `<Types xmlns="${PACKAGE}/content-types"/>`);
  await zip.add("_rels/.rels", relations(["officeDocument", "xl/workbook.xml"]));
  await zip.add(
    "xl/workbook.xml",
    `<workbook xmlns="${MAIN}" xmlns:r="${LINKS}"><sheets>` +
      '<sheet name="Texts" sheetId="1" r:id="rId1"/></sheets></workbook>',
  );
  await zip.add(
    "xl/_rels/workbook.xml.rels",
    relations(["worksheet", "worksheets/sheet1.xml"], ["sharedStrings", "sharedStrings.xml"]),
  );
  await zip.begin("xl/sharedStrings.xml");
  await zip.append(`<sst xmlns="${MAIN}">`);
  for (let i = 0; i < CELLS; i++) await zip.append(`<si><t>${i} ${CELL}</t></si>`);
  await zip.append("</sst>");
  await zip.end();
  await zip.begin("xl/worksheets/sheet1.xml");
  const names = ["id", "name", "amount"].map((name) =>
    `<c t="inlineStr"><is><t>${name}</t></is></c>`
  );
  await zip.append(`<worksheet xmlns="${MAIN}"><sheetData><row>${names.join("")}</row>`);
  for (let i = 0; i < CELLS; i++) {
    await zip.append(`<row><c><v>${i}</v></c><c t="s"><v>${i}</v></c><c><v>1</v></c></row>`);
  }
  await zip.append("</sheetData></worksheet>");
  await zip.end();
  await zip.finish();
}

function relations(...links: readonly (readonly [type: string, target: string])[]): string {
  return `<Relationships xmlns="${PACKAGE}/relationships">${
    links.map(([type, target], i) =>
      `<Relationship Id="rId${i + 1}" Type="${LINKS}/${type}" Target="${target}"/>`
    ).join("")
  }</Relationships>`;
}
