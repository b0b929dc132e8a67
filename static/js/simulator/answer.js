/** An answer of the user's own: what a form says of it, and giving it to the simulator. */

/**
 * The body of `PUT /simulator/answers` with the one answer that the values of a form describe.
 * Empty values say nothing. Throws an Error whose message is for the user.
 * @param {Record<string, string>} values
 */
export function answersOf({ text, tool, input, stop_reason, ...numbers }) {
  /** @type {object[]} */
  const content = [];
  if (text !== "") content.push({ type: "text", text });
  if (tool !== "") content.push({ type: "tool_use", name: tool, input: objectOf(input) });
  else if (input !== "") throw new Error("An input needs the name of the tool to call.");
  if (content.length === 0) throw new Error("An answer needs a text or a tool to call.");
  const { characters_per_second, ...usage } = Object.fromEntries(
    Object.entries(numbers)
      .filter(([, value]) => value !== "")
      .map(([name, value]) => [name, Number(value)]),
  );
  const message = { content, ...(stop_reason && { stop_reason }), usage };
  return { answers: [{ message, ...(characters_per_second && { characters_per_second }) }] };
}

/** @param {string} input JSON of an object, "" for an empty one */
function objectOf(input) {
  let value;
  try {
    value = JSON.parse(input || "{}");
  } catch {}
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new Error('The input of a tool is a JSON object, as in {"city": "Oslo"}.');
  }
  return value;
}

/**
 * Answer the requests of a key with these, or as any other's with null. Throws an Error with what
 * the simulator says against it.
 * @param {string} key
 * @param {ReturnType<typeof answersOf> | null} answers
 */
export async function putAnswers(key, answers) {
  const response = await fetch("/simulator/answers", {
    method: answers ? "PUT" : "DELETE",
    headers: { "x-api-key": key, "content-type": "application/json" },
    ...(answers && { body: JSON.stringify(answers) }),
  });
  if (!response.ok) throw new Error((await response.json()).error.message);
}
