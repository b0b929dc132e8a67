/** Which lines of a text a change has added. */

/**
 * The indices of the lines that are not in a longest common subsequence of both.
 * @param {string[]} before
 * @param {string[]} after
 * @returns {number[]}
 */
export function addedLines(before, after) {
  let start = 0;
  while (start < after.length && before[start] === after[start]) start += 1;
  let [from, to] = [before.length, after.length];
  while (from > start && to > start && before[from - 1] === after[to - 1]) {
    from -= 1;
    to -= 1;
  }
  // common[i][j]: the length of the longest for the lines from i and j on.
  const common = Array.from({ length: from - start + 1 }, () => new Uint16Array(to - start + 1));
  for (let i = from - start - 1; i >= 0; i -= 1) {
    for (let j = to - start - 1; j >= 0; j -= 1) {
      common[i][j] =
        before[start + i] === after[start + j]
          ? common[i + 1][j + 1] + 1
          : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const added = [];
  let [i, j] = [0, 0];
  while (start + j < to) {
    if (start + i < from && before[start + i] === after[start + j]) {
      i += 1;
      j += 1;
    } else if (start + i < from && common[i + 1][j] >= common[i][j + 1]) {
      i += 1;
    } else {
      added.push(start + j);
      j += 1;
    }
  }
  return added;
}
