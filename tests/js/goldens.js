/** The golden streams and messages, which the Python tests keep equal to the scenarios. */

import { readdirSync, readFileSync } from "node:fs";

const FOLDER = new URL("../golden/scenarios/", import.meta.url);

/** @returns {string[]} the names of all scenarios */
export function names() {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".sse"))
    .map((name) => name.slice(0, -".sse".length));
}

/** @param {string} name */
export function stream(name) {
  return new Uint8Array(readFileSync(new URL(`${name}.sse`, FOLDER)));
}

/** @param {string} name */
export function message(name) {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8"));
}
