¶ Keeping a part | What came before the break may be worth something: it is saved, and said to be a part.
/** Saves the text that came. */
function keep() {
  if (!shown) return;
  writeFileSync(PARTIAL, shown);
  console.error(`Kept ${shown.length} characters in ${PARTIAL}`);
}
