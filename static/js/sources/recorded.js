/** A source that plays a scenario: the plan's bytes, with the times at which they are sent. */

/**
 * @typedef {object} Plan
 * @property {string} scenario
 * @property {string} title
 * @property {string} summary
 * @property {string} prompt
 * @property {number} charactersPerToken
 * @property {[number, string][]} frames pairs of milliseconds and text
 */

// Taking in a long plan is cut into tasks of about this many frames, to keep the page quick.
const FRAMES_A_TASK = 500;

/**
 * @param {string} scenario
 * @returns {Promise<Plan>}
 */
export async function fetchPlan(scenario) {
  const response = await fetch(`/demo/plans/${encodeURIComponent(scenario)}.json`);
  if (!response.ok) throw new Error(`The site answered ${response.status} for "${scenario}".`);
  return response.json();
}

/**
 * @param {() => Promise<Plan>} getPlan
 * @param {(plan: Plan) => void} [onPlan] told about the plan before its events are there
 * @returns {import("../player/player.js").Source}
 */
export function recorded(getPlan, onPlan) {
  return {
    async open(reel) {
      const plan = await getPlan();
      onPlan?.(plan);
      const encoder = new TextEncoder();
      for (const [index, [at, text]] of plan.frames.entries()) {
        if (index % FRAMES_A_TASK === FRAMES_A_TASK - 1) await nextTask();
        reel.feed(encoder.encode(text), at);
      }
      reel.end();
    },
  };
}

/** Let the browser paint. A message, unlike a timer, is not held back. */
function nextTask() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve(undefined);
    };
    port2.postMessage(null);
  });
}
