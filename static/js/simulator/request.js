/** What the simulator is asked: the path that a setting has, and the request that the page sends. */

const AUTO = "auto";

/**
 * @typedef {object} Setting
 * @property {string} scenario a scenario's name, or "auto"
 * @property {string} fault as a base URL spells it, "" for none
 */

/**
 * The base URL's path.
 * @param {Setting} setting
 */
export function basePath({ scenario, fault }) {
  if (fault) return `/simulator/${scenario}/${fault}`;
  return scenario === AUTO ? "/simulator" : `/simulator/${scenario}`;
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
 * @returns {RequestInit}
 */
export function messagesRequest(key) {
  return {
    method: "POST",
    headers: {
      "x-api-key": key,
      "anthropic-version": "2026-10-21",
      "anthropic-dangerous-direct-browser-access": "true",
      "content-type": "application/json",
    },
    body: JSON.stringify({
      model: "claude-opus-5-5",
      max_tokens: 16_000,
      stream: true,
      messages: [{ role: "user", content: "Hello" }],
    }),
  };
}
