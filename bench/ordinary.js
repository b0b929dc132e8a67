/**
 * The peer of the demo: plays the same plan as tutorials do. Each event adds its text to the
 * answer's and a row to the list, and both are scrolled to their ends.
 */

/** @param {string} name */
function part(name) {
  return /** @type {HTMLElement} */ (document.querySelector(`[data-part="${name}"]`));
}

const [answer, events, start, status] = ["answer", "events", "start", "status"].map(part);

/** @param {string} frame */
function show(frame) {
  const data = JSON.parse(frame.slice(frame.indexOf("data: ") + 6));
  if (data.delta?.type === "text_delta") answer.textContent += data.delta.text;
  answer.scrollTop = answer.scrollHeight;
  const row = document.createElement("div");
  row.className = "row";
  row.textContent = frame;
  events.append(row);
  events.scrollTop = events.scrollHeight;
}

/** @param {[number, string][]} frames */
async function play(frames) {
  for (const [, frame] of frames) {
    show(frame);
    // A timer for each event: kinder than a loop, which would be one task from start to end.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  status.dataset.kind = "complete";
}

const response = await fetch("/demo/plans/hello.json");
const { frames } = await response.json();
start.addEventListener("click", () => play(frames));
status.dataset.kind = "ready";
