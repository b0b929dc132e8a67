/** Samples of one thing in several languages, each under a tab. */

import { element } from "./dom.js";

const PARAMETER = "lang";
/** How far a key moves among the tabs; Home and End go to the ends. @type {Record<string, number>} */
const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

/**
 * Turn the panels of each frame into tabs. A choice is made in every frame that has the language,
 * and kept in the address.
 * @param {ParentNode} scope
 */
export function addTabs(scope) {
  const frames = [...scope.querySelectorAll(".tabs")].map(
    (root, number) => new Tabs(root, number, choose),
  );
  if (frames.length === 0) return;

  /** @param {string} language */
  function choose(language) {
    for (const frame of frames) frame.select(language);
    const address = new URL(location.href);
    address.searchParams.set(PARAMETER, language);
    history.replaceState(null, "", address);
  }

  const asked = new URLSearchParams(location.search).get(PARAMETER) ?? "";
  for (const frame of frames) frame.select(asked);
}

class Tabs {
  /** @type {{language: string, tab: HTMLElement, panel: Element}[]} */
  #samples;

  /**
   * @param {Element} root its children are panels, which begin with their language's name
   * @param {number} number of the frame in its page, for ids
   * @param {(language: string) => void} onChoose
   */
  constructor(root, number, onChoose) {
    const list = element("div", "tab-list");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Language");
    this.#samples = [...root.children].map((panel) => {
      const name = panel.firstElementChild?.textContent ?? "";
      const language = name.toLowerCase();
      const tab = element("button", "", name);
      tab.id = `tab-${number}-${language}`;
      tab.setAttribute("type", "button");
      tab.setAttribute("role", "tab");
      tab.addEventListener("click", () => onChoose(language));
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      // A search in the page, or a link to it, opens a panel that is hidden.
      panel.addEventListener("beforematch", () => onChoose(language));
      list.append(tab);
      return { language, tab, panel };
    });
    list.addEventListener("keydown", (event) => this.#move(event, onChoose));
    root.prepend(list);
    this.select(this.#samples[0].language);
  }

  /** @param {string} language changes nothing where the frame lacks it */
  select(language) {
    if (!this.#samples.some((sample) => sample.language === language)) return;
    for (const { language: own, tab, panel } of this.#samples) {
      const isChosen = own === language;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      panel.setAttribute("aria-hidden", String(!isChosen));
      if (isChosen) panel.removeAttribute("hidden");
      else panel.setAttribute("hidden", "until-found");
    }
  }

  /**
   * @param {KeyboardEvent} event
   * @param {(language: string) => void} onChoose
   */
  #move(event, onChoose) {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const tabs = this.#samples.map(({ tab }) => tab);
    const last = tabs.length - 1;
    const next = tabs.indexOf(/** @type {HTMLElement} */ (event.target)) + step;
    // Arrows go round; Home and End stop.
    const index = Number.isFinite(next)
      ? (next + tabs.length) % tabs.length
      : Math.min(last, Math.max(0, next));
    onChoose(this.#samples[index].language);
    tabs[index].focus();
  }
}
