/** Code and tables that scroll inside themselves, and the guide's columns of links. */

/**
 * Let the Tab key stop only at those areas that are too small for their content.
 * @param {Element} scope
 * @returns {() => void} to be called when the areas have other content
 */
export function watchScrollAreas(scope) {
  const areas = [...scope.querySelectorAll(":is([role='group'], nav)[tabindex]")];
  const update = () => {
    for (const area of areas) {
      const isSmall = area.matches("nav")
        ? area.scrollHeight > area.clientHeight
        : area.scrollWidth > area.clientWidth;
      if (isSmall) area.setAttribute("tabindex", "0");
      else area.removeAttribute("tabindex");
    }
  };
  const observer = new ResizeObserver(update);
  for (const area of areas) observer.observe(area);
  return update;
}
