/** The search index, which the header's search and the filter of symptoms share. */

import { lazily } from "../views/dom.js";

/** @type {() => Promise<import("../search/rank.js").SearchIndex>} fetched at the first use */
export const getIndex = lazily(async () => {
  const response = await fetch("/guide/search.json");
  if (!response.ok) throw new Error(`The site answered ${response.status}.`);
  return response.json();
});
