/** What every page has: the search. */

import { optionalPart } from "../views/dom.js";
import { SearchView } from "../views/search.js";

const root = optionalPart(document, "search");

if (root) {
  const view = new SearchView(root, async () => {
    const response = await fetch("/guide/search.json");
    if (!response.ok) throw new Error(`The site answered ${response.status}.`);
    return response.json();
  });
  // A result on the same page only scrolls, and the list would stay open above it.
  addEventListener("hashchange", () => view.close());
}
