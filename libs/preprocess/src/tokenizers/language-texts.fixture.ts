import { Random } from '@assay/core';

/** The first article of the Universal Declaration of Human Rights, or what a listing says, in many languages and scripts. */
const SENTENCES = [
  'All human beings are born free and equal in dignity and rights.',
  "They are endowed with reason and conscience; it's everyone's duty, isn't it? We'll see, I'd say.",
  'Tous les êtres humains naissent libres et égaux en dignité et en droits.',
  'Alle Menschen sind frei und gleich an Würde und Rechten geboren. STRASSE, Straße, ẞ.',
  'Todos los seres humanos nacen libres e iguales en dignidad y derechos; ¿no es así?',
  'Todos os seres humanos nascem livres e iguais em dignidade e em direitos.',
  'Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti.',
  'Wszyscy ludzie rodzą się wolni i równi pod względem swej godności.',
  'Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv.',
  'Minden emberi lény szabadon születik és egyenlő méltósága és joga van.',
  'Toate ființele umane se nasc libere și egale în demnitate și în drepturi.',
  'Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. İSTANBUL ısı',
  'Alla människor är födda fria och lika i värde och rättigheter. Århus, Ærø, Ångström',
  'Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan.',
  'Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền.',
  'Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι. ΟΔΟΣ ΣΟΦΟΣ ΑΣ Σ.',
  'Все люди рождаются свободными и равными в своём достоинстве и правах.',
  'Усі люди народжуються вільними і рівними у своїй гідності та правах.',
  'Всички хора се раждат свободни и равни по достойнство и права.',
  'Сва људска бића рађају се слободна и једнака у достојанству и правима.',
  'Բոլոր մարդիկ ծնվում են ազատ ու հավասար իրենց արժանապատվությամբ։',
  'ყველა ადამიანი იბადება თავისუფალი და თანასწორი თავისი ღირსებითა.',
  'כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. שָׁלוֹם',
  'يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق. ١٢٣٤ ﷺ',
  'تمام افراد بشر آزاد به دنیا می‌آیند و از لحاظ حیثیت برابرند.',
  'تمام انسان آزاد اور حقوق و عزت کے اعتبار سے برابر پیدا ہوئے ہیں۔',
  'सभी मनुष्यों को गौरव और अधिकारों के विषय में जन्मजात स्वतन्त्रता प्राप्त है। १२३',
  'সমস্ত মানুষ স্বাধীনভাবে সমান মর্যাদা এবং অধিকার নিয়ে জন্মগ্রহণ করে।',
  'மனிதப் பிறவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்.',
  'ప్రతిపత్తిస్వత్వముల విషయమున మానవులెల్లరును జన్మతః స్వతంత్రులు.',
  'ಎಲ್ಲಾ ಮಾನವರೂ ಸ್ವತಂತ್ರರಾಗಿಯೇ ಜನಿಸಿದ್ದಾರೆ.',
  'മനുഷ്യരെല്ലാവരും തുല്യാവകാശങ്ങളോടും അന്തസ്സോടും സ്വാതന്ത്ര്യത്തോടുംകൂടി ജനിച്ചിട്ടുള്ളവരാണ്.',
  'සියලු මනුෂ්‍යයෝ නිදහස්ව උපත ලබා ඇත.',
  'มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ น้ำ',
  'ມະນຸດທຸກຄົນເກີດມາມີກຽດສັກສີ ສິດທິ ເສລີພາບ ແລະ ຄວາມສະເໝີພາບເທົ່າທຽມກັນ.',
  'လူတိုင်းသည် တူညီ လွတ်လပ်သော ဂုဏ်သိက္ခာဖြင့် လည်းကောင်း မွေးဖွားလာသူများ ဖြစ်သည်။',
  'មនុស្សទាំងអស់ កើតមកមានសេរីភាព និងសមភាព ក្នុងផ្នែកសេចក្ដីថ្លៃថ្នូរ។',
  'མིའི་རིགས་རྒྱུད་ཡོངས་ལ་སྐྱེས་ཙམ་ཉིད་ནས་ཆེ་མཐོངས་དང༌།',
  'የሰው ልጅ ሁሉ ሲወለድ ነጻና በክብርና በመብትም እኩልነት ያለው ነው።',
  'すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。ｶﾀｶﾅ',
  '人人生而自由,在尊嚴和權利上一律平等。𠀀𠮷𡃁𪜈𫝀 叱る',
  '人人生而自由，在尊严和权利上一律平等。武器 ５００元',
  '모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 한국어',
  'Хүн бүр төрж мэндлэхэд эрх чөлөөтэй, адилхан нэр төртэй байдаг.',
  'Barlıq insanlar ləyaqət və hüquqlarına görə azad və bərabər doğulurlar.',
  'Binadamu wote wamezaliwa huru, hadhi na haki zao ni sawa.',
  'Gbogbo ènìyàn ni a bí ní òmìnira; iyì àti ẹ̀tọ́ kọ̀ọ̀kan sì dọ́gba.',
  'ᏂᎦᏓ ᎠᏂᏴᏫ ᏂᎨᎫᏓᎸᎾ ᎠᎴ ᎤᏂᏠᏱ ᎤᎾᏕᎿ',
  'Selling 2x BRASS lamp, 12,50€ each — call +49 (0)30 123-456 #vintage @shop_1 http://example.org/a?b=c&d=%20',
  "don't can’t we've I'M THEY'LL rock'n'roll 'til 90's",
  '👩‍🚒 🧿 🇫🇷 👍🏽 ❤️ 👨‍👩‍👧‍👦 😂😂😂 ✨ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ☎ ⓂⓄⒹ',
  '𝓯𝓻𝓮𝓮 𝐰𝐞𝐚𝐩𝐨𝐧𝐬 ＦＵＬＬ ｗｉｄｔｈ ﬁ ﬂ ½ ① ㎏ ™ ℌ ª x² Ⅷ ǅ',
  'we\u200bap\u00adon \u202eesrever\u202c \ufeffg\u2060un e\u200d\u0301 a\u0300\u0301\u0302b',
  'tab\there  two\nlines\r\nhard\u00a0space\u3000wide\u2028sep\u0085next\u000bvt\u001funit\u180emvs',
  '!!!!! ????... ---- ____ ~~~~ (((nested))) [SEP] <s> </s> [CLS] <|endoftext|>  [MASK] <image>  gehören$& $1 \\ \\n "quoted"',
  '0123456789 3.14159 1,000,000 1e-7 0xdeadbeef ١٢٣ १२३ ๑๒๓ ⅓ 五',
];

/** Blocks of characters that texts are drawn from. */
const BLOCKS: readonly (readonly [first: number, last: number])[] = [
  ...([
    [0x0, 0x7f],
    [0x80, 0x24f],
    [0x250, 0x36f],
    [0x370, 0x52f],
    [0x530, 0x6ff],
  ] as const),
  ...([
    [0x900, 0xdff],
    [0xe00, 0x109f],
    [0x1100, 0x11ff],
    [0x1e00, 0x1fff],
    [0x2000, 0x206f],
  ] as const),
  ...([
    [0x20a0, 0x2bff],
    [0x3000, 0x33ff],
    [0x4e00, 0x9fff],
    [0xac00, 0xd7a3],
    [0xfb00, 0xfdff],
  ] as const),
  ...([
    [0xfe00, 0xffef],
    [0x1d400, 0x1d7ff],
    [0x1f300, 0x1f6ff],
    [0x20000, 0x2a6d6],
  ] as const),
];

/**
 * Texts of many languages, shuffled, cut, put together and disturbed; also empty, of spaces only, very long, and of random
 * assigned characters. The same in every run.
 */
export function languageTexts(count: number, seed = 1): string[] {
  const random = new Random(seed, 'language texts');
  const texts = [
    ...SENTENCES,
    '',
    ' ',
    '\n\t ',
    'a',
    'Σ',
    '\u0301',
    '\ufeff',
    'a'.repeat(70_000),
    'wörd '.repeat(9000),
  ];
  while (texts.length < count)
    texts.push(random.bernoulli(0.25) ? randomCharacters(random) : mixture(random));
  return texts;
}

function mixture(random: Random): string {
  const words = Array.from({ length: 1 + random.integer(3) }, () => random.pick(SENTENCES).split(' ')).flat();
  const kept = random.shuffle(words).slice(0, 1 + random.integer(20));
  const text = kept.join(random.pick([' ', ' ', ' ', '  ', '', ', ', '\n']));
  return random.bernoulli(0.15) ? text.toUpperCase() : text;
}

function randomCharacters(random: Random): string {
  const length = 1 + random.integer(30);
  const characters: string[] = [];
  while (characters.length < length) {
    const [first, last] = random.pick(BLOCKS);
    const character = String.fromCodePoint(first + random.integer(last - first + 1));
    if (!/\p{Cn}/u.test(character)) characters.push(character);
  }
  return characters.join('');
}
