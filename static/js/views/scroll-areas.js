/** Frames that scroll inside themselves: code and tables. */

/**
 * Keyboards stop only at those frames that are too narrow for what is in them.
 *
 * @param {Element} scope
 * @returns {() => void} to be called when the frames hold something else
 */
export function watchScrollAreas(scope) {
  const frames = [...scope.querySelectorAll("[role='group'][tabindex]")];
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) letFocus(target);
  });
  for (const frame of frames) observer.observe(frame);
  return () => frames.forEach(letFocus);
}

/** @param {Element} frame */
function letFocus(frame) {
  if (frame.scrollWidth > frame.clientWidth) frame.setAttribute("tabindex", "0");
  else frame.removeAttribute("tabindex");
}
