import assert from "node:assert/strict";
import { XmlScanner } from "../../../src/source/xlsx/xml_scanner.ts";
import { bytesOf } from "../records.ts";

/** What is called, with pieces of a text joined. */
function events(pieces: readonly Uint8Array[]): string[] {
  const seen: string[] = [];
  let text = "";
  const end = () => {
    if (text !== "") seen.push(text);
    text = "";
  };
  const scanner = new XmlScanner({
    open(name, tag) {
      end();
      seen.push(`<${name} ${tag.text("r")} ${tag.text("space")}`);
    },
    text(bytes, from, to) {
      text += new TextDecoder("latin1").decode(bytes.subarray(from, to));
    },
    close(name) {
      end();
      seen.push(`/${name}`);
    },
  });
  for (const piece of pieces) scanner.push(piece);
  scanner.end();
  return seen;
}

const XML = bytesOf(
  `<?xml version="1.0" encoding="UTF-8"?>\n<!-- <x> -- > --><a:row r = 'A"&lt;1' ><c r="B>2" ` +
    `xml:space="preserve"/>te&amp;xt &#65;&#x42;<![CDATA[<&]]]]>ü</a:row >\n<?end?>`,
);

Deno.test("a part is read the same in whatever pieces it comes", () => {
  const whole = events([XML]);
  assert.deepEqual(whole, [
    "\n",
    `<row A"<1 null`,
    "<c B>2 preserve",
    "/c",
    "te&xt AB<&]]Ã¼",
    "/row",
  ]);
  for (let size = 1; size < XML.length; size++) {
    const pieces = [];
    for (let at = 0; at < XML.length; at += size) pieces.push(XML.slice(at, at + size));
    assert.deepEqual(events(pieces), whole, `${size}`);
  }
});

Deno.test("what isn't well-formed is an error, in whatever pieces it comes", () => {
  const cases = [
    ["<a>&b;</a>", "it has the entity &b; which XML doesn't know"],
    ["<a>&#0;</a>", "it has &#0; which is no character"],
    ["<a>&#xD800;</a>", "it has &#xD800; which is no character"],
    ["<a>x & y</a>", "it has an & that begins no entity"],
    ["<a>< b/></a>", "it has a < that begins no tag"],
    ["<a b></a>", "it has a damaged tag"],
    ["<a b=c></a>", "it has a damaged tag"],
    ['<a b="<"></a>', "it has a damaged tag"],
    ["<a></b>", "it has a </b> that closes nothing"],
    ["<a>", "it ends in the middle"],
    ["<a/", "it ends in the middle"],
    ["<!-- <a/>", "it ends in the middle"],
    ["", "it ends in the middle"],
    [
      "<!DOCTYPE a><a/>",
      "it has a document type (DTD), which no workbook needs and which is unsafe",
    ],
  ];
  for (const [xml, message] of cases) {
    const bytes = bytesOf(xml);
    assert.throws(() => events([bytes]), { message });
    assert.throws(() => events(Array.from(bytes, (byte) => Uint8Array.of(byte))), { message });
  }
});

Deno.test("what is full is given nothing more before it is emptied, and then misses nothing", () => {
  const xml = bytesOf(`<a>${"<b>text</b>".repeat(100)}</a>`);
  for (const size of [1, 7, 300, xml.length]) {
    let held = 0;
    let closed = 0;
    let emptied = 0;
    const scanner = new XmlScanner({
      get isFull() {
        return held >= 3;
      },
      open: () => {},
      text: () => {},
      close() {
        held++;
        closed++;
        assert.ok(held <= 3);
      },
    });
    for (let at = 0; at < xml.length; at += size) {
      let isRead = scanner.push(xml.slice(at, at + size));
      while (held >= 3) {
        held = 0;
        emptied++;
        if (!isRead) isRead = scanner.goOn();
      }
      assert.ok(isRead);
    }
    scanner.end();
    assert.deepEqual([closed, emptied], [101, 33]);
  }
});
