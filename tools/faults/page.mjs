// Reads a relay's page and lets its own script ask, as a visitor would: again while it fails, and
// at most as often as told. `node page.mjs <address> <times>` prints a line of JSON for each
// question: {"question", "first", "end": seconds, "status", "answer", "last"}. The last one is the
// type of the last event, or null where no stream came. No question is like another.

const [address, times] = process.argv.slice(2);

let received = "";
let isStream = false;
let first = 0;
let ended = () => {};

/** An element as the script sees it: any property can be set, and two are watched. */
const watching = {
  /** @param {any} element @param {string} name @param {any} value */
  set(element, name, value) {
    element[name] = value;
    if (element.id === "answer" && element.textContent && !first) first = Date.now();
    if (element.id === "ask" && name === "disabled" && !value) ended();
    return true;
  },
};

/** @param {string} id @returns {any} */
function made(id) {
  return new Proxy(
    {
      id,
      textContent: "",
      focus() {},
      replaceChildren() {},
      /** @param {unknown} child */
      append(child) {
        if (typeof child === "string") this.textContent += child;
      },
    },
    watching,
  );
}

/** @type {Map<string, any>} */
const elements = new Map();

/** @param {string} id */
function find(id) {
  if (!elements.has(id)) elements.set(id, made(id));
  return elements.get(id);
}

/**
 * The page's own requests; their responses are also recorded.
 * @param {string} path
 * @param {RequestInit} init
 */
async function watchedFetch(path, init) {
  received = "";
  isStream = false;
  const response = await fetch(new URL(path, address), init);
  isStream = response.ok;
  if (!isStream) return response;
  const decoder = new TextDecoder();
  const watched = new TransformStream({
    transform(chunk, controller) {
      received += decoder.decode(chunk, { stream: true });
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body?.pipeThrough(watched), response);
}

/** The type of the stream's last event, "half an event", or null without a stream. */
function last() {
  if (!isStream) return null;
  const frames = received.trimEnd().split("\n\n");
  const data = frames.map((frame) =>
    (frame.match(/^data:.*/gm) ?? []).map((line) => line.slice("data:".length)).join("\n"),
  );
  try {
    return String(JSON.parse(data.filter(Boolean).at(-1) ?? "").type);
  } catch {
    return "half an event";
  }
}

const html = await (await fetch(address)).text();
const script = html.split('<script type="module">')[1].split("</script>")[0];
const given = html.split("required>\n")[1].split("</textarea>")[0];
const document = {
  getElementById: find,
  querySelector: find,
  createElement: () => made(""),
  documentElement: {},
};
new Function("document", "fetch", `"use strict";${script}`)(document, watchedFetch);

for (let number = 1; number <= Number(times); number += 1) {
  const question = number === 1 ? given : `${given} (${number})`;
  find("question").value = question;
  first = 0;
  const at = Date.now();
  await new Promise((resolve) => {
    ended = () => resolve(undefined);
    // The button is pressed, and can be pressed again at the end.
    find("form").onsubmit({ preventDefault() {} });
  });
  const [status, answer] = [find("status").textContent, find("answer").textContent];
  console.log(
    JSON.stringify({
      question,
      first: first ? (first - at) / 1000 : null,
      end: (Date.now() - at) / 1000,
      status,
      answer,
      last: last(),
    }),
  );
  if (status === "Complete." || status.startsWith("A fallback")) break;
}
// Connections may still be open.
process.exit();
