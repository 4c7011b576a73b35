/** What text in each encoding is made of, for guessing the encoding of a file. */

/** The letters beyond ASCII that a language uses, in lower case. */
const LETTERS = {
  german: "äöüß",
  french: "àâæçéèêëîïôœùûüÿ",
  spanish: "áéíñóúüï",
  catalan: "àçéèíïñóòúü",
  portuguese: "áâãàçéêíóôõúü",
  italian: "àèéìíîòóùú",
  dutch: "áäéèëïíóöüú",
  danish: "æøåéäöü",
  swedish: "åäöéüà",
  icelandic: "áæðéíóöúýþ",
  estonian: "äõöüšž",
  irish: "áéíóú",
  polish: "ąćęłńóśźż",
  czech: "áčďéěíňóřšťúůýž",
  slovak: "áäčďéíĺľňóôŕšťúýž",
  hungarian: "áéíóöőúüű",
  romanian: "ăâîșțşţ",
  croatian: "čćđšž",
  albanian: "çë",
  turkish: "âçğıîöşûüi̇",
  lithuanian: "ąčęėįšųūž",
  latvian: "āčēģīķļņšūž",
  russian: "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
  ukrainian: "абвгґдеєжзиіїйклмнопрстуфхцчшщьюяў",
  serbian: "абвгдђежзијклљмнњопрстћуфхцчџшѓќѕ",
  greek: "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
  hebrew: "אבגדהוזחטיךכלםמןנסעףפץצקרשת",
  arabic: "ءآأؤإئابةتثجحخدذرزسشصضطظعغـفقكلمنهوىيًٌٍَُِّْپچژگڤ",
  thai: "กขฃคฅฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรฤลฦวศษสหฬอฮะัาำิีึืฺุูเแโใไๅๆ็่้๊๋์ํ๎",
} as const;

/** The twelve commonest letters of languages with an alphabet of their own. */
const COMMON = {
  russian: "оеаинтсрвлкм",
  greek: "αοιετσνρκπυμλάίόή",
  hebrew: "יוהלארמתבשנם",
  arabic: "اليمونرتبهةعد",
  thai: "านรอกเงยลมวด่้",
} as const;

const COMMON_SETS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(COMMON).map(([language, letters]) => [language, new Set(letters)]),
);

/** Null for languages that are written in Latin letters. */
export function commonLetters(language: Language): ReadonlySet<string> | null {
  return COMMON_SETS.get(language) ?? null;
}

export type Language = keyof typeof LETTERS;

const ALPHABETS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(LETTERS).map(([language, letters]) => [language, new Set(letters)]),
);

const WESTERN: readonly Language[] = [
  ...["german", "french", "spanish", "catalan", "portuguese", "italian", "dutch"] as const,
  ...["danish", "swedish", "icelandic", "estonian", "irish", "albanian"] as const,
];
const CENTRAL: readonly Language[] = [
  ...["polish", "czech", "slovak", "hungarian", "romanian", "croatian", "german"] as const,
];
const CYRILLIC: readonly Language[] = ["russian", "ukrainian", "serbian"];

/** The languages of encodings with one byte for a character; of two equal fits, the first wins. */
export const LANGUAGES: ReadonlyMap<string, readonly Language[]> = new Map<
  string,
  readonly Language[]
>([
  ["windows-1252", WESTERN],
  ["windows-1250", CENTRAL],
  ["windows-1254", ["turkish", "german"]],
  ["windows-1257", ["lithuanian", "latvian", "estonian"]],
  ["windows-1251", CYRILLIC],
  ["windows-1253", ["greek"]],
  ["windows-1255", ["hebrew"]],
  ["windows-1256", ["arabic"]],
  ["windows-874", ["thai"]],
  ["koi8-r", ["russian"]],
  ["iso-8859-2", CENTRAL],
  ["ibm850", WESTERN],
  ["ibm852", CENTRAL],
  ["ibm866", ["russian"]],
  ["macintosh", WESTERN],
]);

/** Languages whose words have no Latin letters. */
const OWN_SCRIPT: ReadonlySet<Language> = new Set<Language>(
  ["russian", "ukrainian", "serbian", "greek", "hebrew", "arabic", "thai"],
);

/** Has the language all letters of a word, apart from Latin ones without accents? */
export function canWrite(
  language: Language,
  wordInLowerCase: string,
  isInCapitals: boolean,
): boolean {
  const alphabet = ALPHABETS.get(language);
  for (const letter of wordInLowerCase) {
    if (letter >= "\u0080" ? !alphabet?.has(letter) : OWN_SCRIPT.has(language)) return false;
  }
  return isWellFormed(language, wordInLowerCase, isInCapitals);
}

/** What spelling demands of a word. */
function isWellFormed(language: Language, word: string, isInCapitals: boolean): boolean {
  switch (language) {
    case "greek": {
      const accents = (word.match(/[άέήίόύώΐΰ]/gu) ?? []).length;
      const vowels = (word.match(/[αεηιουωάέήίόύώϊϋΐΰ]/gu) ?? []).length;
      return !/ς./u.test(word) && accents <= 1 && (accents === 1 || vowels <= 1 || isInCapitals);
    }
    case "hebrew":
      return !/[ךםןףץ]./u.test(word);
    case "arabic":
      // These two stand at a word's end.
      return !/[ىة]\p{L}/u.test(word);
    case "thai":
      return !/^[ะาำๅๆ]/u.test(word);
    case "russian":
    case "ukrainian":
      return /^(?![ьъы]|й(?!о))/u.test(word) && isPronounced(word, /[аеёиоуыэюяіїє]/u);
    case "serbian":
      return isPronounced(word, /[аеиоу]/u) || /^.{0,3}р.{1,3}$/u.test(word);
    case "portuguese":
      return !/õ[^e]|ç[^aouáâãàéêíóôõú]/u.test(word);
    case "french":
      return !/ç[^aouàâôûî]/u.test(word);
    default:
      return true;
  }
}

/** Has the word a vowel, and no more than five consonants in a row? */
function isPronounced(word: string, vowels: RegExp): boolean {
  return word.length < 3 ||
    word.split(vowels).every((part) => part.length < 6) && vowels.test(word);
}

/**
 * For encodings with two bytes for a character: the region that their standards keep for the usual
 * characters. First and last lead byte, first trail byte.
 */
export const USUAL_REGIONS: ReadonlyMap<string, readonly [number, number, number]> = new Map([
  ["shift_jis", [0x88, 0x97, 0x40]],
  ["euc-kr", [0xb0, 0xc8, 0xa1]],
  ["gb18030", [0xb0, 0xd7, 0xa1]],
  ["big5", [0xa4, 0xc6, 0x40]],
  ["euc-jp", [0xb0, 0xcf, 0xa1]],
]);

/** The most frequent characters, which tell these languages apart in a short text. */
export const FREQUENT: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    "gb18030",
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运笔男刘陈杨赵黄周吴徐孙州县省京号城区",
  ],
  [
    "big5",
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指台北灣高雄縣區路號陳林黃張李王吳劉蔡楊許鄭謝郭洪",
  ],
  [
    "euc-kr",
    "이다는을의에가고하은지를도서로한사기대나어리자정과시인수그아부것라해일들만있보전게구주여장세상동원제스국오조소선무조화되관성신경유비내공생면회연정박김최강윤임송류홍안황권울산광양진용영미남북군읍길번호층시청원점품명",
  ],
].map(([encoding, characters]) => [encoding, new Set(characters)]));
