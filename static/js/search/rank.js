/** Finding sections of the site by the words of a query, in the page. */

/**
 * @typedef {object} Section
 * @property {string} page the page's title
 * @property {string} title the section's heading
 * @property {string} url
 * @property {string} text
 * @property {number} weight what its score is multiplied by
 */

/**
 * @typedef {object} SearchIndex as `/guide/search.json` has it
 * @property {Section[]} sections
 * @property {Record<string, string[]>} synonyms words of a query, and what they may mean
 * @property {string[]} stopWords words of a query that are left out
 */

/** @typedef {{section: Section, snippet: string}} Found */
/** @typedef {{found: Found[], isPartial: boolean}} Answer `isPartial`: none has all of the words */

/** @typedef {keyof typeof FIELDS} Field */
/** @typedef {{form: string, factor: number}} Form what to look for, and how much it counts */

/**
 * @typedef {object} Term a word of the query, or several that belong together
 * @property {Form[]} forms
 * @property {number[]} matches how well it is found in each section; 0 for not at all
 * @property {number} weight larger for a rarer one
 */

/** What a word is worth in each field. An anchor says in a word what its section is about. */
const FIELDS = { title: 20, url: 10, page: 4, text: 1 };
const MOST_IN_TEXT = 5;
const WHOLE_TITLE = 20;
const BEGINNING = 0.7;
const INFLECTED = 0.6;
const SYNONYM = 0.6;
/** For each character of the longest run of the query's words that a section has. */
const PER_CHARACTER = 6;
/** A run of at least this many words and characters is a quotation: other words may be missing. */
const QUOTED_WORDS = 3;
const QUOTED_CHARACTERS = 14;

/** The longest key of the synonyms, in words. */
const LONGEST_PHRASE = 3;
/** Of a longer query, such as a traceback, the first and the last half of these are taken. */
const MOST_WORDS = 80;
const MOST_RESULTS = 10;
const MOST_PARTIAL = 3;
/** What is found with less than this share of the best score is left out. */
const LEAST_SHARE = 0.1;
const SNIPPET = 110;

/** @type {WeakMap<SearchIndex, Record<Field, string>[]>} */
const normalized = new WeakMap();

/**
 * The sections that have most of the query's words, best first. A word is also found as the
 * beginning of another, inflected, or by a synonym. The longest run of the query's words that a
 * section has in the same order counts much, so that a pasted error message is found.
 * @param {SearchIndex} index
 * @param {string} query
 * @returns {Answer}
 */
export function search(index, query) {
  const all = wordsOf(query);
  const half = MOST_WORDS / 2;
  const words = all.length > MOST_WORDS ? [...all.slice(0, half), ...all.slice(-half)] : all;
  const known = normalize(index);
  const terms = termsOf(words, index, known);
  const scored = index.sections
    .map((section, place) => {
      const { score, isWhole } = scoreOf(known[place], place, words, terms);
      return { section, score: score * section.weight, isWhole };
    })
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score);
  const isPartial = !scored.some(({ isWhole }) => isWhole);
  const found = scored
    .filter(({ score }) => score >= scored[0].score * LEAST_SHARE)
    .slice(0, isPartial ? MOST_PARTIAL : MOST_RESULTS)
    .map(({ section }) => ({ section, snippet: snippetOf(section.text, terms) }));
  return { found, isPartial };
}

/** @param {string} text */
function wordsOf(text) {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/**
 * The sections' fields, as words with a space before and after each, which mark where one begins.
 * @param {SearchIndex} index
 */
function normalize(index) {
  let known = normalized.get(index);
  if (!known) {
    const spaced = (/** @type {string} */ text) => ` ${wordsOf(text).join(" ")} `;
    known = index.sections.map(({ title, url, page, text }) => ({
      title: spaced(title),
      url: spaced(url),
      page: spaced(page),
      text: spaced(text),
    }));
    normalized.set(index, known);
  }
  return known;
}

/**
 * @param {string[]} words
 * @param {SearchIndex} index
 * @param {Record<Field, string>[]} known
 * @returns {Term[]}
 */
function termsOf(words, { synonyms, stopWords }, known) {
  const meanings = new Map(Object.entries(synonyms));
  const byStem = new Map([...meanings].map(([key, meant]) => [stemOf(key), meant]));
  const phrases = [...new Set(phrasesOf(words, meanings))];
  const telling = phrases.filter((phrase) => !stopWords.includes(phrase));
  return (telling.length > 0 ? telling : phrases).map((phrase) => {
    const stem = stemOf(phrase);
    const meant = meanings.get(phrase) ?? byStem.get(stem) ?? [];
    const forms = [
      { form: phrase, factor: 1 },
      { form: stem, factor: INFLECTED },
      ...meant.map((form) => ({ form, factor: SYNONYM })),
    ];
    const matches = known.map((fields) => matchOf(fields, forms));
    const count = matches.filter(Boolean).length;
    return { forms, matches, weight: Math.log(1 + known.length / (1 + count)) };
  });
}

/**
 * The words, with those together that have synonyms together.
 * @param {string[]} words
 * @param {Map<string, string[]>} meanings
 */
function* phrasesOf(words, meanings) {
  for (let at = 0; at < words.length; ) {
    let length = LONGEST_PHRASE;
    while (length > 1 && !meanings.has(words.slice(at, at + length).join(" "))) length -= 1;
    yield words.slice(at, at + length).join(" ");
    at += length;
  }
}

/**
 * Words are found by their beginning, so the stem of one stands for all of its inflections.
 * @param {string} word
 */
function stemOf(word) {
  const stem = word
    .replace(/(?:ing|ed|es|s)$/, "")
    .replace(/[iye]$/, "")
    .replace(/([^aeiou])\1$/, "$1");
  return stem.length >= 4 ? stem : word;
}

/**
 * How well the best of the forms is found.
 * @param {Record<Field, string>} fields
 * @param {Form[]} forms
 */
function matchOf(fields, forms) {
  const matches = forms.map(({ form, factor }) => {
    let match = 0;
    for (const [name, value] of Object.entries(FIELDS)) {
      const field = fields[/** @type {Field} */ (name)];
      const whole = countOf(field, ` ${form} `) + countOf(field, ` ${form}s `);
      const count = whole + BEGINNING * (countOf(field, ` ${form}`) - whole);
      match += value * Math.min(count, name === "text" ? MOST_IN_TEXT : 1);
    }
    return factor * match;
  });
  return Math.max(...matches);
}

/**
 * @param {string} text
 * @param {string} part begins with a space, which may be the last character of the one before
 */
function countOf(text, part) {
  let count = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) count += 1;
  return count;
}

/**
 * @param {Record<Field, string>} fields
 * @param {number} place of the section in the index
 * @param {string[]} words
 * @param {Term[]} terms
 */
function scoreOf(fields, place, words, terms) {
  let [score, weight, total] = [0, 0, 0];
  for (const term of terms) {
    total += term.weight;
    if (term.matches[place] === 0) continue;
    weight += term.weight;
    score += term.weight * term.matches[place];
  }
  if (weight === 0) return { score: 0, isWhole: false };
  if (fields.title === ` ${words.join(" ")} `) score += WHOLE_TITLE * total;
  const run = longestRun(fields, words);
  const count = run.split(" ").length;
  if (count > 1) score += PER_CHARACTER * run.length;
  const isQuoted = count >= QUOTED_WORDS && run.length >= QUOTED_CHARACTERS;
  return { score: score * (weight / total) ** 3, isWhole: isQuoted || weight === total };
}

/**
 * The longest run of the query's words that stands in the title or in the text.
 * @param {Record<Field, string>} fields
 * @param {string[]} words
 */
function longestRun({ title, text }, words) {
  let longest = "";
  for (let start = 0; start < words.length; start += 1) {
    for (let end = start + 1; end <= words.length; end += 1) {
      const run = words.slice(start, end).join(" ");
      if (!text.includes(` ${run} `) && !title.includes(` ${run} `)) break;
      if (run.length > longest.length) longest = run;
    }
  }
  return longest;
}

/**
 * A part of the text around the first place of the rarest word that it has.
 * @param {string} text
 * @param {Term[]} terms
 */
function snippetOf(text, terms) {
  const places = terms
    .toSorted((one, other) => other.weight - one.weight)
    .flatMap(({ forms }) => forms.map(({ form }) => placeOf(text, form.split(" ")[0])));
  const at = places.find((place) => place >= 0) ?? 0;
  const isNearStart = at < SNIPPET / 2;
  const start = isNearStart ? 0 : Math.min(text.indexOf(" ", at - SNIPPET / 2) + 1, at);
  const before = start > 0 ? "… " : "";
  if (text.length - start <= SNIPPET) return before + text.slice(start);
  const end = text.lastIndexOf(" ", start + SNIPPET);
  return `${before}${text.slice(start, end > start ? end : start + SNIPPET)} …`;
}

/**
 * Where the word begins one of the text; -1 for nowhere.
 * @param {string} text
 * @param {string} word
 */
function placeOf(text, word) {
  return text.search(new RegExp(`(?<![\\p{L}\\p{N}])${word}`, "iu"));
}
