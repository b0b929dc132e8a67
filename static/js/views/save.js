/** Saving a stream as a file. */

/**
 * @param {string} name
 * @param {BlobPart[]} parts
 * @param {string} [type] the media type
 */
export function saveFile(name, parts, type = "text/event-stream") {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // A download that has begun keeps the bytes itself.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/**
 * A name that is safe in any file system, although a server chose the id.
 * @param {string} id a request id, "" where there was none
 * @param {Date} now
 */
export function streamName(id, now) {
  const safe = id.replaceAll(/[^A-Za-z0-9_-]/g, "").slice(0, 80);
  return `live-${safe || now.toISOString().replaceAll(/[:.]/g, "-")}.sse`;
}
