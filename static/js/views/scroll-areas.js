/** Code and tables that scroll inside themselves. */

/**
 * Let the Tab key stop only at those areas that are too narrow for their content.
 * @param {Element} scope
 * @returns {() => void} to be called when the areas have other content
 */
export function watchScrollAreas(scope) {
  const areas = [...scope.querySelectorAll("[role='group'][tabindex]")];
  const update = () => {
    for (const area of areas) {
      if (area.scrollWidth > area.clientWidth) area.setAttribute("tabindex", "0");
      else area.removeAttribute("tabindex");
    }
  };
  const observer = new ResizeObserver(update);
  for (const area of areas) observer.observe(area);
  return update;
}
