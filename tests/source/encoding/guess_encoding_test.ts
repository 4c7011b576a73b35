import assert from "node:assert/strict";
import {
  guessEncoding,
  LEAST_FIT,
  wordThatDiffers,
} from "../../../src/source/encoding/guess_encoding.ts";
import { encodedAs } from "./encoded.ts";

/** A handful of words in each language, as small files have them. */
const TEXTS: readonly (readonly [encoding: string, words: string])[] = [
  ["windows-1252", "Müller Köln Straße Öffnung Jäger Größe Übersicht Füße Schröder"],
  ["windows-1252", "Hélène Français Noël élève Gérard Côté naïve l’été Besançon"],
  ["windows-1252", "España José Martínez García niño Núñez Málaga acción ¿Qué?"],
  ["windows-1252", "São João Conceição Açores Brasília coração avô irmãos à"],
  ["windows-1252", "città Nicolò Forlì perché però Cantù è già così"],
  ["windows-1252", "København Ærø Århus Sørensen Bjørn Øster på Malmö Göteborg Åke"],
  ["windows-1252", "Þór Reykjavík Guðmundsdóttir Sæmundur Ísafjörður Jón"],
  ["windows-1252", "20 m² 5°C “quoted” 100 € – £30 ½ it’s 12 µm"],
  ["windows-1252", "Müller Hélène España João Bjørn città Ærø Françoise Noël Málaga"],
  ["windows-1250", "Łódź Małgorzata Wałęsa Żukowski Kraków Częstochowa Śląsk"],
  ["windows-1250", "Dvořák Jiří Plzeň Čech Novotný Němcová Růžička Tomáš"],
  ["windows-1250", "Győr Erdős Kovács Szőke György Székesfehérvár Gyűrű"],
  ["windows-1250", "Šibenik Čakovec Đurđević Požega Ćiro Marić"],
  ["windows-1254", "İstanbul Yıldız Şahin Doğan Çağlar Gülşen Muğla"],
  ["windows-1257", "Rīga Jānis Bērziņš Ķekava Ļaudona Ģirts Šķēle"],
  ["windows-1257", "Šiauliai Panevėžys Žemaitija Kęstutis Jūratė"],
  ["windows-1251", "Иванов Москва Санкт-Петербург улица Привет Наталья"],
  ["windows-1251", "Київ Шевченко Україна Львів Їжак Олексій"],
  ["koi8-r", "Иванов Москва Санкт-Петербург улица Привет Наталья"],
  ["ibm866", "Иванов Москва Санкт-Петербург улица Привет Наталья"],
  ["windows-1253", "Αθήνα Θεσσαλονίκη Γιώργος Παπαδόπουλος Ελλάδα οδός"],
  ["windows-1255", "שלום תל אביב ירושלים ישראל כהן לוי חיפה"],
  ["windows-1256", "محمد القاهرة الرياض شارع السلام عليكم مرحبا"],
  ["shift_jis", "東京都 山田太郎 テスト カタカナ ありがとう 株式会社"],
  ["shift_jis", "処理区分、"],
  ["euc-jp", "東京都 山田太郎 テスト カタカナ ありがとう 株式会社"],
  ["gb18030", "你好世界"],
  ["gb18030", "北京市 张伟 有限公司 上海 王芳 人民路"],
  ["big5", "台北市 陳小明 有限公司 中山路 高雄 林美玲"],
  ["euc-kr", "서울특별시 김철수 이영희 주식회사 부산 대한민국"],
  ["ibm850", "Müller Köln Straße Öffnung Jäger Größe Übersicht"],
  ["ibm850", "Hélène Français Gérard Côté Crêpe élève"],
  ["ibm852", "Łódź Małgorzata Wałęsa Żukowski Kraków Śląsk"],
  ["macintosh", "Müller Köln Straße Öffnung Jäger Größe Übersicht"],
  ["macintosh", "Hélène Français Gérard Côté Crêpe élève Noël"],
  // Capitals, small letters only, and a handful of short words.
  ["windows-1252", "MÜLLER GRÖßE KÖLN"],
  ["windows-1252", "HÉLÈNE BENOÎT SÃO"],
  ["windows-1252", "äöü"],
  ["windows-1252", "ÄÖÜ äöüß"],
  ["windows-1252", "éèà"],
  ["windows-1252", "áéíóú"],
  ["windows-1252", "æøå"],
  ["windows-1252", "çãõ"],
  ["windows-1250", "žščř"],
  ["windows-1250", "öüóőúéáű"],
  ["windows-1254", "ğüşıöç"],
  ["windows-1254", "Ayşe Yılmaz Mehmet Şahin Fatma Doğan"],
  ["windows-1250", "Győr Székesfehérvár Őrség"],
  ["iso-8859-2", "Łódź"],
  ["windows-1255", "תל אביב ירושלים"],
  ["windows-1253", "ΑΘΗΝΑ ΠΑΠΑΔΟΠΟΥΛΟΣ"],
  ["windows-874", "กรุงเทพ สวัสดี"],
  ["koi8-r", "Александр Пушкин улица Ленина"],
  ["koi8-r", "МОСКВА ИВАНОВ"],
  ["koi8-r", "молоко хлеб сахар"],
  ["ibm866", "молоко хлеб сахар"],
  ["windows-1251", "МОСКВА ИВАНОВ"],
  ["windows-1251", "молоко хлеб сахар"],
  ["shift_jis", "ﾔﾏﾀﾞ ﾀﾛｳ ｻﾄｳ ﾊﾅｺ ｶ)ﾄｳｷﾖｳ"],
  ["shift_jis", "ﾔﾏﾀﾞ 山田 東京"],
  ["shift_jis", "東京"],
  ["euc-jp", "東京都 カタカナ"],
  ["euc-kr", "서울"],
  ["euc-kr", "테스트"],
  ["gb18030", "北京"],
  ["gb18030", "上海市"],
  ["shift_jis", "日本語"],
];

Deno.test("a handful of words is enough to recognise their encoding", () => {
  for (const [encoding, words] of TEXTS) {
    const lines = words.split(" ").map((word, index) => `${index},${word}\n`).join("");
    const guess = guessEncoding(encodedAs(encoding, lines));
    assert.equal(guess.encoding, encoding, words);
    assert.ok(guess.fit >= LEAST_FIT, words);
  }
});

Deno.test("a single word of Western Europe is taken for windows-1252", () => {
  for (
    const word of ["Müller", "José", "Besançon", "Ærø", "5°", "€", "naïve", "Ångström", "a\u00a0b"]
  ) {
    assert.equal(guessEncoding(encodedAs("windows-1252", `1,${word}\n`)).encoding, "windows-1252");
  }
});

Deno.test("where a text fits two encodings, the other one is named, with a word that differs", () => {
  const sample = encodedAs("windows-1252", "1,España\n");
  const { encoding, rival } = guessEncoding(sample);
  assert.deepEqual([encoding, rival], ["windows-1252", "windows-1250"]);
  assert.deepEqual(wordThatDiffers(sample, "windows-1252", "windows-1250"), [
    "España",
    "Espańa",
  ]);
});

Deno.test("bytes that are no text fit nothing", () => {
  const noise = Uint8Array.from({ length: 400 }, (_, i) => 0x80 | ((i * 73 + i * i * 7) & 0x7f));
  const { encoding, fit } = guessEncoding(noise);
  assert.equal(encoding, "windows-1252");
  assert.ok(fit < LEAST_FIT);
});
