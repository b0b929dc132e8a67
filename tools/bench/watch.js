/**
 * Runs in both pages, ours and the ordinary one, which name their parts alike: plays the
 * stream and scrolls the events while it takes the times of frames.
 */

/** @param {string} name */
function part(name) {
  return /** @type {HTMLElement} */ (document.querySelector(`[data-part="${name}"]`));
}

/** @returns {Promise<number>} the time of the next frame, in ms */
function nextFrame() {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}

/**
 * Press Start, and wait until the status says that the stream is over.
 * @returns {Promise<{ms: number, frames: number, text: string}>} the time from the press to the
 *   frame after the end, the number of frames that brought text, and the text that then stands
 *   in the page
 */
async function play() {
  const [answer, status] = [part("answer"), part("status")];
  let isChanged = false;
  let frames = 0;
  const observer = new MutationObserver(() => {
    isChanged = true;
  });
  observer.observe(answer, { childList: true, characterData: true, subtree: true });
  const started = performance.now();
  part("start").click();
  while (!["complete", "early", "failed"].includes(status.dataset.kind ?? "")) {
    await nextFrame();
    frames += Number(isChanged);
    isChanged = false;
  }
  const ms = (await nextFrame()) - started;
  frames += Number(isChanged);
  observer.disconnect();
  return { ms, frames, text: answer.textContent ?? "" };
}

/**
 * Scroll the events from top to bottom, a step a frame.
 * @param {number} steps
 * @returns {Promise<{intervals: number[], elements: number, isAtEnd: boolean}>} the ms from frame
 *   to frame, how many elements the list holds at the end, and whether the end was reached
 */
async function scroll(steps) {
  const list = part("events");
  list.scrollTop = 0;
  await nextFrame();
  const step = (list.scrollHeight - list.clientHeight) / steps;
  const intervals = [];
  let last = await nextFrame();
  for (let done = 1; done <= steps; done += 1) {
    list.scrollTop = Math.ceil(done * step);
    const now = await nextFrame();
    intervals.push(now - last);
    last = now;
  }
  const isAtEnd = list.scrollTop + list.clientHeight > list.scrollHeight - 2;
  return { intervals, elements: list.getElementsByTagName("*").length, isAtEnd };
}

/**
 * What the rows in sight say at a place of the events' list of ours.
 * @param {number} place 0 for the top to 1 for the bottom
 * @returns {Promise<[number, string][]>} the number and the data of each event
 */
async function rowsAt(place) {
  const list = part("events");
  list.scrollTop = place * (list.scrollHeight - list.clientHeight);
  await nextFrame();
  await nextFrame();
  return [...list.querySelectorAll("[aria-posinset]")].map((row) => [
    Number(row.getAttribute("aria-posinset")),
    row.querySelector(".event-data")?.textContent ?? "",
  ]);
}

Object.assign(window, { bench: { play, scroll, rowsAt } });
