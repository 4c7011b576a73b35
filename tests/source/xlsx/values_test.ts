/** Values of cells, as the format of the file describes them. */
import assert from "node:assert/strict";
import { readWorkbook } from "./reading.ts";
import { oneSheet, partsOf, textRow, zip } from "./workbook.ts";

/** The texts of one column of cells. */
async function read(cells: readonly string[], more: Parameters<typeof oneSheet>[1] = {}) {
  const rows = cells.map((cell, i) => `<row r="${i + 2}"><c r="A${i + 2}"/>${cell}</row>`);
  const { rows: found } = await readWorkbook(
    oneSheet(textRow("a", "b") + rows.join(""), more),
    { skip_empty_rows: false },
  );
  const byLine = new Map(found.map((row) => [row.split(": ")[0], row.replace(/^\d+: \|?/u, "")]));
  return cells.map((_, i) => byLine.get(String(i + 2)) ?? null);
}

async function number(value: string, format: string | null = null, properties = "") {
  const style = format === null ? "" : ' s="1"';
  const more = { formats: [format ?? "General"], properties };
  return (await read([`<c${style}><v>${value}</v></c>`], more))[0];
}

Deno.test("a number has the digits that a spreadsheet shows, and a whole number all of its own", async () => {
  const cases = [
    ["5", "5"],
    ["1.0", "1"],
    ["-0", "0"],
    ["007", "7"],
    ["0.30000000000000004", "0.3"],
    ["12.5", "12.5"],
    ["1E-7", "0.0000001"],
    ["-1.5e3", "-1500"],
    ["1.2E+20", "120000000000000000000"],
    ["12345678901234567890", "12345678901234567890"],
    ["123456789012345.678", "123456789012346"],
    [" 5 ", "5"],
  ];
  for (const [written, seen] of cases) assert.equal(await number(written), seen, written);
});

Deno.test("formats that pad or divide digits give the text that is seen", async () => {
  const cases = [
    ["501", "00000", "00501"],
    ["-501", "00000", "-00501"],
    ["-5", "000;(000)", "(005)"],
    ["123456789", "000-00-0000", "123-45-6789"],
    ["5551234567", "(###) ###-####", "(555) 123-4567"],
    ["12", '"INV-"0000', "INV-0012"],
    ["1234567", "00000", "1234567"],
    // A fraction would be lost.
    ["12.5", "00000", "12.5"],
    ["7", "[>100]0;00", "07"],
  ];
  for (const [value, format, seen] of cases) {
    assert.equal(await number(value, format), seen, format);
  }
});

Deno.test("percent, currency, thousands and units leave the number as it is", async () => {
  const formats = [
    "0.0%",
    "#,##0.00",
    "# ##0.00",
    '0.00 "kg"',
    "[$-407]0.00 €",
    "# ?/?",
    "0.00E+00",
  ];
  for (const format of [...formats, '_-* #,##0.00\\ "€"_-;-* #,##0.00\\ "€"_-', "@", "0", ";;;"]) {
    assert.equal(await number("1234.125", format), "1234.125", format);
  }
});

Deno.test("dates and times are in ISO 8601, whatever order the sheet shows them in", async () => {
  const cases = [
    ["45355", "dd.mm.yyyy", "2024-03-04"],
    ["45355", "[$-409]d\\-mmm\\-yy;@", "2024-03-04"],
    ["45355", "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "2024-03-04"],
    ["45355", 'yyyy"年"m"月"d"日"', "2024-03-04"],
    ["45355.711805555555", "m/d/yy h:mm", "2024-03-04 17:05:00"],
    ["45355.7118055556", "m/d/yy h:mm", "2024-03-04 17:05:00"],
    ["45355", "yyyy-mm-dd hh:mm:ss", "2024-03-04 00:00:00"],
    ["45355.71180700231", "yyyy-mm-dd hh:mm:ss.000", "2024-03-04 17:05:00.125"],
    ["0.711805555555556", "h:mm AM/PM", "17:05:00"],
    ["45355.9999999999", "yyyy-mm-dd hh:mm", "2024-03-05 00:00:00"],
    ["1.5625", "[h]:mm", "37:30"],
    ["1.5625", "[h]:mm:ss", "37:30:00"],
    ["0.0423726851851852", "[mm]:ss", "61:01"],
    ["0.0023726851851852", "mm:ss", "00:03:25"],
    // No calendar has it.
    ["-1", "dd.mm.yyyy", "-1"],
    ["3000000", "dd.mm.yyyy", "3000000"],
  ];
  for (const [value, format, seen] of cases) {
    assert.equal(await number(value, format), seen, `${value} ${format}`);
  }
});

Deno.test("1900 has the day that never was, and 1904 its own first day", async () => {
  const in1900 = [["1", "1900-01-01"], ["59", "1900-02-28"], ["60", "1900-02-29"], [
    "61",
    "1900-03-01",
  ], ["2958465", "9999-12-31"]];
  for (const [value, seen] of in1900) assert.equal(await number(value, "yyyy-mm-dd"), seen);
  const in1904 = [["0", "1904-01-01"], ["1", "1904-01-02"], ["43893", "2024-03-04"]];
  for (const [value, seen] of in1904) {
    assert.equal(await number(value, "yyyy-mm-dd", 'date1904="1"'), seen);
  }
});

Deno.test("formats that a workbook names by number alone are known", async () => {
  for (const [id, seen] of [[14, "2024-03-04"], [22, "2024-03-04 12:00:00"], [20, "12:00:00"]]) {
    const parts = partsOf({
      sheets: [{ name: "Data", rows: `${textRow("a")}<row><c s="0"><v>45355.5</v></c></row>` }],
    });
    const styles = `<styleSheet><cellXfs><xf numFmtId="${id}"/></cellXfs></styleSheet>`;
    const { rows } = await readWorkbook(zip({ ...parts, "xl/styles.xml": styles }));
    assert.deepEqual(rows, [`2: ${seen}`]);
  }
});

Deno.test("texts are as a person sees them", async () => {
  const si = [
    "<si><t>plain</t></si>",
    '<si><t xml:space="preserve"> 00501 </t></si>',
    "<si><r><rPr><b/></rPr><t>ri</t></r><r><t>ch</t></r><rPh sb='0' eb='1'><t>リチ</t></rPh></si>",
    "<si><t>a_x000D_b_x005F_x0041_ _x4</t></si>",
    "<si><t>x &amp; &lt;y&gt; &#252;&#x1F600;</t></si>",
    "<si><t><![CDATA[a<b & c]]></t></si>",
    "<si><t>\n  laid out\n</t></si>",
    "<si><t>line\r\none&#13;two&#10;three</t></si>",
  ];
  const shared = si.map((_, i) => `<c t="s"><v>${i}</v></c>`);
  assert.deepEqual(await read(shared, { strings: si.join("") }), [
    "plain",
    " 00501 ",
    "rich",
    "a\nb_x0041_ _x4",
    "x & <y> ü😀",
    "a<b & c",
    "laid out",
    "line\none\ntwo\nthree",
  ]);
  const inline = si.map((text) => `<c t="inlineStr">${text.replaceAll("si>", "is>")}</c>`);
  assert.deepEqual(await read(inline), await read(shared, { strings: si.join("") }));
});

Deno.test("truth values, texts of formulas and ISO dates are read by their type", async () => {
  assert.deepEqual(
    await read([
      '<c t="b"><v>1</v></c>',
      '<c t="b"><v>0</v></c>',
      '<c t="str"><f>A1&amp;"x"</f><v>ax</v></c>',
      '<c t="d"><v>2024-03-04T17:05:00</v></c>',
      "<c><f>1+1</f><v>2</v></c>",
      '<c t="str"><f>""</f><v></v></c>',
      '<c s="0"/>',
    ]),
    ["true", "false", "ax", "2024-03-04 17:05:00", "2", null, null],
  );
});

Deno.test("a cell with an error, or a formula that nobody calculated, fails its row", async () => {
  assert.deepEqual(
    await read([
      '<c t="e"><v>#DIV/0!</v></c>',
      '<c t="e"><f>NA()</f><v>#N/A</v></c>',
      "<c><f>SUM(C1:C9)</f></c>",
      "<c><f>SUM(C1:C9)</f><v></v></c>",
      "<c><v>1,5</v></c>",
    ]),
    [
      "cell: A cell in column B (f2) has the error #DIV/0!.",
      "cell: A cell in column B (f2) has the error #N/A.",
      "cell: A formula in column B (f2) has no calculated value: open the workbook in a " +
      "spreadsheet program and save it.",
      "cell: A formula in column B (f2) has no calculated value: open the workbook in a " +
      "spreadsheet program and save it.",
      "cell: A cell in column B (f2) has a number that can't be read.",
    ],
  );
});

Deno.test("an error that is one of the null_values is NULL instead", async () => {
  const book = oneSheet(textRow("a") + '<row><c t="e"><v>#N/A</v></c></row>');
  const { rows } = await readWorkbook(book, { null_values: ["", "#N/A"] });
  assert.deepEqual(rows, ["2: #N/A"]);
});
