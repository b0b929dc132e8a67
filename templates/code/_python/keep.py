¶ Keeping a part | What came before the break may be worth something: it is saved, and said to be a part.
def keep(shown: list[str]) -> None:
    """Save the text that came."""
    text = "".join(shown)
    if text:
        PARTIAL.write_text(text, encoding="utf-8")
        print(f"Kept {len(text)} characters in {PARTIAL}", file=sys.stderr)
