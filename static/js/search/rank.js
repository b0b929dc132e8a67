/** Finding sections of the guide by their words, in the page. */

/**
 * @typedef {object} Section
 * @property {string} page the page's title
 * @property {string} title the section's heading
 * @property {string} url
 * @property {string} text
 */

/** @typedef {{section: Section, snippet: string}} Found */

const MOST_RESULTS = 10;
const SNIPPET = 110;

/**
 * The sections that contain every word of the query, best first. A word matches the beginning of
 * a word: "retry" finds "retrying", and "delta" finds "text_delta".
 * @param {Section[]} sections
 * @param {string} query
 * @returns {Found[]}
 */
export function search(sections, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return sections
    .map((section) => ({ section, score: scoreOf(section, words) }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score)
    .slice(0, MOST_RESULTS)
    .map(({ section }) => ({ section, snippet: snippetOf(section.text, words) }));
}

/**
 * @param {Section} section
 * @param {string[]} words
 * @returns {number} 0 where a word is missing
 */
function scoreOf(section, words) {
  let score = 0;
  for (const word of words) {
    const [inTitle, inPage, inText] = [section.title, section.page, section.text].map(
      (text) => [...places(text, word)].length,
    );
    if (inTitle + inPage + inText === 0) return 0;
    const isTitle = section.title.toLowerCase() === word;
    score += (isTitle ? 60 : 0) + inTitle * 20 + inPage * 5 + Math.min(inText, 8);
  }
  return score;
}

/**
 * Where the word begins a word of the text.
 * @param {string} text
 * @param {string} word
 */
function* places(text, word) {
  const lower = text.toLowerCase();
  for (let at = lower.indexOf(word); at !== -1; at = lower.indexOf(word, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(lower[at - 1])) yield at;
  }
}

/**
 * A part of the text around the first place of any of the words.
 * @param {string} text
 * @param {string[]} words
 */
function snippetOf(text, words) {
  const firsts = words.map((word) => places(text, word).next().value ?? Number.POSITIVE_INFINITY);
  const first = Math.min(...firsts);
  const at = Number.isFinite(first) ? first : 0;
  const isNearStart = at < SNIPPET / 2;
  const start = isNearStart ? 0 : Math.min(text.indexOf(" ", at - SNIPPET / 2) + 1, at);
  const before = start > 0 ? "… " : "";
  if (text.length - start <= SNIPPET) return before + text.slice(start);
  const end = text.lastIndexOf(" ", start + SNIPPET);
  return `${before}${text.slice(start, end > start ? end : start + SNIPPET)} …`;
}
