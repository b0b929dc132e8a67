/** What the simulator is asked: the path that a setting has, and the request that the page sends. */

/**
 * @typedef {object} Constants what the server tells the simulator's page
 * @property {string} auto instead of a scenario: the request decides
 * @property {string} none instead of a fault
 * @property {number} mostFaults
 * @property {string} version of the API
 * @property {string} model that the page asks for
 * @property {number} charactersPerToken what the model makes of English prose
 */

/**
 * @typedef {object} Setting
 * @property {string} scenario a scenario's name, or `auto` of the constants
 * @property {string} fault as a base URL spells it, "" for none
 */

/**
 * The base URL's path.
 * @param {Setting} setting
 * @param {Pick<Constants, "auto">} constants
 */
export function basePath({ scenario, fault }, { auto }) {
  if (fault) return `/simulator/${scenario}/${fault}`;
  return scenario === auto ? "/simulator" : `/simulator/${scenario}`;
}

/**
 * The page's address for a setting.
 * @param {Setting} setting
 */
export function pageAddress({ scenario, fault }) {
  const query = new URLSearchParams({ scenario });
  if (fault) query.set("fault", fault);
  return `/simulator?${query}`;
}

/**
 * A request as the API wants it from a browser.
 * @param {string} key
 * @param {Pick<Constants, "version" | "model">} constants
 * @returns {RequestInit}
 */
export function messagesRequest(key, { version, model }) {
  return {
    method: "POST",
    headers: {
      "x-api-key": key,
      "anthropic-version": version,
      "anthropic-dangerous-direct-browser-access": "true",
      "content-type": "application/json",
    },
    body: JSON.stringify({
      model,
      max_tokens: 16_000,
      stream: true,
      messages: [{ role: "user", content: "Hello" }],
    }),
  };
}
