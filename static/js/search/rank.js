/** Finding sections by their words. All of it happens in the page. */

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
 * The sections that contain every word of the query, best first. A word counts where it
 * begins one: "retry" finds "retrying", and "delta" finds "text_delta".
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
    const inTitle = count(section.title, word);
    const inPage = count(section.page, word);
    const inText = count(section.text, word);
    if (inTitle + inPage + inText === 0) return 0;
    const isTitle = section.title.toLowerCase() === word;
    score += (isTitle ? 60 : 0) + inTitle * 20 + inPage * 5 + Math.min(inText, 8);
  }
  return score;
}

/**
 * @param {string} text
 * @param {string} word
 */
function count(text, word) {
  return [...places(text, word)].length;
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
 * A piece of the text around the first place of any of the words.
 * @param {string} text
 * @param {string[]} words
 */
function snippetOf(text, words) {
  const firsts = words.map((word) => places(text, word).next().value ?? Number.POSITIVE_INFINITY);
  const first = Math.min(...firsts);
  if (first === Number.POSITIVE_INFINITY) return cut(text, 0);
  const start = first < SNIPPET / 2 ? 0 : text.indexOf(" ", first - SNIPPET / 2) + 1;
  return (start > 0 ? "… " : "") + cut(text, Math.min(start, first));
}

/**
 * @param {string} text
 * @param {number} start
 */
function cut(text, start) {
  if (text.length - start <= SNIPPET) return text.slice(start);
  const end = text.lastIndexOf(" ", start + SNIPPET);
  return `${text.slice(start, end > start ? end : start + SNIPPET)} …`;
}
