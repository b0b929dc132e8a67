// A React hook for an answer that streams.
import { useCallback, useEffect, useRef, useState } from "react";
import { readAnswer } from "./read-answer.mjs";

// #region hook
/** @typedef {"idle" | "waiting" | "streaming" | "finished" | "stopped" | "failed"} State */

const IDLE = { state: /** @type {State} */ ("idle"), text: "", reason: "" };

/** @param {string} url */
export function useAnswer(url) {
  const [answer, setAnswer] = useState(IDLE);
  const request = useRef(/** @type {AbortController | null} */ (null));
  const stop = useCallback(() => request.current?.abort(), []);

  const ask = useCallback(
    async (/** @type {string} */ question) => {
      stop();
      const mine = new AbortController();
      request.current = mine;
      const show = (/** @type {Partial<typeof IDLE>} */ change) => {
        // An older answer must not write into a newer one.
        if (request.current === mine) setAnswer((before) => ({ ...before, ...change }));
      };
      show({ state: "waiting", text: "", reason: "" });
      try {
        let all = "";
        for await (const { text, ended } of readAnswer(url, question, mine.signal)) {
          all += text ?? "";
          if (ended === "refusal") show({ state: "failed", text: "", reason: "Claude declined." });
          else if (ended) show({ state: "finished", reason: ended });
          else show({ state: "streaming", text: all });
        }
      } catch (error) {
        if (mine.signal.aborted) show({ state: "stopped" });
        else show({ state: "failed", reason: error instanceof Error ? error.message : "" });
      }
    },
    [url, stop],
  );

  useEffect(() => stop, [stop]); // when the component is removed
  return { ...answer, ask, stop };
}
// #endregion
