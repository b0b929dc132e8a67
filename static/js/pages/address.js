/** The address of a page with a stream. It keeps what the rows of events show. */

const NAME = "rows";
const BYTES = "bytes";

/** Whether the rows of events show bytes, and not what each event brings. */
export function showsBytes() {
  return new URLSearchParams(location.search).get(NAME) === BYTES;
}

/**
 * Replace the address, without an entry in the history.
 * @param {string} address path and query
 * @param {boolean} isBytes whether the rows of events show bytes
 */
export function replaceAddress(address, isBytes = showsBytes()) {
  const url = new URL(address, location.href);
  if (isBytes) url.searchParams.set(NAME, BYTES);
  else if (url.searchParams.has(NAME)) url.searchParams.delete(NAME);
  const wanted = url.pathname + url.search;
  if (wanted === location.pathname + location.search) return;
  history.replaceState(null, "", wanted + location.hash);
}
