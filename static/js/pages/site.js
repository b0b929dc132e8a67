/** What every page has: the search. */

import { optionalPart } from "../views/dom.js";
import { SearchView } from "../views/search.js";
import { getIndex } from "./search-index.js";

const root = optionalPart(document, "search");

if (root) {
  const view = new SearchView(root, getIndex);
  // A result on the same page only scrolls, and the list would stay open above it.
  addEventListener("hashchange", () => view.close());
}
