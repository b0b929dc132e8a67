/**
 * The peer of the demo: plays the same plan as tutorials do. Each event adds its text to the
 * answer's and a row to the list, and both are scrolled to their ends.
 */

/** @param {string} name */
function part(name) {
  return /** @type {HTMLElement} */ (document.querySelector(`[data-part="${name}"]`));
}

const [answer, events, start, status] = ["answer", "events", "start", "status"].map(part);

/**
 * @param {string} frame
 * @returns {string} the text that the event brings
 */
function textOf(frame) {
  const data = JSON.parse(frame.slice(frame.indexOf("data: ") + 6));
  return data.delta?.text ?? "";
}

/** @param {string} frame */
function addRow(frame) {
  const row = document.createElement("div");
  row.className = "row";
  row.textContent = frame;
  events.append(row);
}

/** @param {string[]} frames */
async function play(frames) {
  for (const frame of frames) {
    answer.textContent += textOf(frame);
    answer.scrollTop = answer.scrollHeight;
    addRow(frame);
    events.scrollTop = events.scrollHeight;
    // A timer for each event: kinder than a loop, which would be one task from start to end.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/**
 * What the page looks like after playing, without the minutes that playing takes.
 * @param {string[]} frames
 */
async function fill(frames) {
  answer.textContent = frames.map(textOf).join("");
  for (const frame of frames) addRow(frame);
}

const response = await fetch("/demo/plans/hello.json");
const plan = await response.json();
const frames = plan.frames.map((/** @type {[number, string]} */ [, frame]) => frame);
start.addEventListener("click", async () => {
  await (location.search === "?filled" ? fill : play)(frames);
  status.dataset.kind = "complete";
});
status.dataset.kind = "ready";
