/** Bytes in the part of an address after `#`, which a browser sends to no server. */

/** What chats and mail programs take as one address. */
export const LONGEST_FRAGMENT = 16_000;

/**
 * @param {Uint8Array} bytes
 * @returns {Promise<string>} compressed, in letters that an address takes as they are
 */
export async function packed(bytes) {
  const compressed = await through(bytes, new CompressionStream("deflate-raw"));
  const letters = Array.from(compressed, (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * Throws an error for what `packed` did not make.
 * @param {string} text
 */
export async function unpacked(text) {
  const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  return through(bytes, new DecompressionStream("deflate-raw"));
}

/**
 * @param {Uint8Array} bytes
 * @param {GenericTransformStream} transform
 */
async function through(bytes, transform) {
  const stream = new Blob([/** @type {BlobPart} */ (bytes)]).stream().pipeThrough(transform);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
