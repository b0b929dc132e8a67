/**
 * The address of the first result of each query: reads `{index, queries}` from stdin, and writes a
 * list.
 */

import { readFileSync } from "node:fs";
import { search } from "../../static/js/search/rank.js";

const { index, queries } = JSON.parse(readFileSync(0, "utf8"));
const first = (/** @type {string} */ query) => search(index, query).found[0]?.section.url ?? "";
console.log(JSON.stringify(queries.map(first)));
