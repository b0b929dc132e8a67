/** Requests to the relay: Messages requests with the fields that live mode allows. */

/** @typedef {{role: "user" | "assistant", content: string}} Message */

/**
 * @typedef {object} Body
 * @property {string} model
 * @property {number} max_tokens
 * @property {Message[]} messages
 * @property {{type: "adaptive", display: string}} [thinking]
 * @property {true} stream
 */

/**
 * @typedef {object} Question the values of the form
 * @property {string} model
 * @property {string} prompt
 * @property {number} maxTokens
 * @property {string} display of thinking; "" where none is asked for
 */

/**
 * @param {Question} question
 * @returns {Body}
 */
export function bodyOf({ model, prompt, maxTokens, display }) {
  return {
    model,
    max_tokens: maxTokens,
    messages: [{ role: "user", content: prompt }],
    ...(display ? { thinking: { type: "adaptive", display } } : {}),
    stream: true,
  };
}

/**
 * The request for the rest of an answer: the same request, and the text that was received, by the
 * recipe for the model's generation. The words are those of the generator's programs.
 * @param {Body} body
 * @param {string} text
 * @param {boolean} prefill whether the model continues the assistant's last message
 * @returns {Body}
 */
export function restOf(body, text, prefill) {
  const recipe = `Your answer was interrupted. This much arrived:

<partial_answer>
${text}
</partial_answer>

Continue exactly where it stops. Repeat nothing.`;
  // An assistant's last message may not end in white space.
  /** @type {Message} */
  const last = prefill
    ? { role: "assistant", content: text.trimEnd() }
    : { role: "user", content: recipe };
  return { ...body, messages: [...body.messages, last] };
}

/**
 * @param {Body} body
 * @param {string} code the access code, "" where none is wanted
 * @returns {RequestInit}
 */
export function liveRequest(body, code) {
  return {
    method: "POST",
    headers: { "content-type": "application/json", ...(code ? { "x-access-code": code } : {}) },
    body: JSON.stringify(body),
    cache: "no-store",
  };
}
