// Reads a relay's page and lets its own script ask, as a visitor would: again while it fails, and
// at most as often as told. `node page.mjs <address> <times>` prints a line of JSON for each
// question: {"question", "first", "end": seconds, "status", "answer", "last"}. The last one is the
// type of the last event, or null where no stream came. No question is like another.

/** What the script sees of an element. */
class Element {
  /** @param {(element: Element) => void} changed */
  constructor(changed) {
    this.changed = changed;
    this.text = "";
    this.value = "";
    this.wasDisabled = false;
    /** @type {((submitted: { preventDefault: () => void }) => void) | undefined} */
    this.onsubmit = undefined;
  }

  get textContent() {
    return this.text;
  }

  set textContent(text) {
    this.text = text;
    this.changed(this);
  }

  get disabled() {
    return this.wasDisabled;
  }

  set disabled(isDisabled) {
    this.wasDisabled = isDisabled;
    this.changed(this);
  }

  /** @param {unknown} child */
  append(child) {
    if (typeof child === "string") this.textContent += child;
  }

  focus() {}
}

/** A page, and what is asked with it. */
class Page {
  /** @param {string} address */
  constructor(address) {
    this.address = address;
    /** @type {Map<string, Element>} */
    this.elements = new Map();
    this.question = "";
    this.received = "";
    this.isStream = false;
    this.first = 0;
    this.ended = () => {};
  }

  /** Fetch it, and run its script. */
  async open() {
    const html = await (await fetch(this.address)).text();
    const script = html.split('<script type="module">')[1].split("</script>")[0];
    const question = html.split("required>\n")[1].split("</textarea>")[0];
    this.question = question;
    const document = {
      activeElement: null,
      /** @param {string} id */
      getElementById: (id) => this.find(id),
      createElement: () => new Element(() => {}),
      /** @param {string} selector */
      querySelector: (selector) => this.find(selector),
    };
    const run = new Function("document", "fetch", `"use strict";${script}`);
    run(document, this.fetch.bind(this));
  }

  /** @param {string} id */
  find(id) {
    const known = this.elements.get(id);
    if (known) return known;
    const made = new Element((element) => this.changed(id, element));
    this.elements.set(id, made);
    return made;
  }

  /**
   * @param {string} id
   * @param {Element} element
   */
  changed(id, element) {
    if (id === "answer" && element.text && !this.first) this.first = Date.now();
    if (id === "ask" && !element.disabled) this.ended();
  }

  /**
   * The page's own requests; what comes is read along.
   * @param {string} path
   * @param {RequestInit} init
   */
  async fetch(path, init) {
    this.received = "";
    this.isStream = false;
    const response = await fetch(new URL(path, this.address), init);
    this.isStream = response.ok;
    if (!response.ok) return response;
    const decoder = new TextDecoder();
    const watched = new TransformStream({
      transform: (chunk, controller) => {
        this.received += decoder.decode(chunk, { stream: true });
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body?.pipeThrough(watched), response);
  }

  /** The type of the last event of a stream, or what is there in its place. */
  last() {
    if (!this.isStream) return null;
    const frame = this.received.trimEnd().split("\n\n").at(-1) ?? "";
    const data = frame.split("\n").find((line) => line.startsWith("data:"));
    try {
      return String(JSON.parse(data?.slice("data:".length) ?? "").type);
    } catch {
      return "half an event";
    }
  }

  /**
   * Press the button, and wait until it can be pressed again.
   * @param {number} number
   */
  async ask(number) {
    const question = number === 1 ? this.question : `${this.question} (${number})`;
    this.find("question").value = question;
    this.first = 0;
    const at = Date.now();
    const ended = new Promise((resolve) => {
      this.ended = () => resolve(undefined);
    });
    this.find("form").onsubmit?.({ preventDefault: () => {} });
    await ended;
    return {
      question,
      first: this.first ? (this.first - at) / 1000 : null,
      end: (Date.now() - at) / 1000,
      status: this.find("status").textContent,
      answer: this.find("answer").textContent,
      last: this.last(),
    };
  }
}

const [address, times] = process.argv.slice(2);
const page = new Page(address);
await page.open();
for (let number = 1; number <= Number(times); number += 1) {
  const asked = await page.ask(number);
  console.log(JSON.stringify(asked));
  if (asked.status === "Complete." || asked.status.startsWith("A fallback")) break;
}
// Whatever connection may still be open.
process.exit();
