"""The live page as its users know it: by roles and names."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


class LivePage:
    """The page of a site that has a key, with streams that arrive in real time."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.prompt = page.get_by_role("textbox", name="Prompt")
        self.model = page.get_by_role("combobox", name="Model")
        self.max_tokens = page.get_by_role("spinbutton", name="max_tokens")
        self.thinking = page.get_by_role("combobox", name="Thinking")
        self.code = page.get_by_label("Access code")
        self.ask = page.get_by_role("button", name="Ask")
        self.stop = page.get_by_role("button", name="Stop")
        self.go_on = page.get_by_role("button", name="Continue from there")
        self.again = page.get_by_role("button", name="Try again")
        self.recorded = page.get_by_role("link", name="Watch a scenario")
        self.replay = page.get_by_role("button", name="Replay")
        self.save = page.get_by_role("button", name="Save the raw stream")
        self.position = page.get_by_role("slider", name="Position")
        self.status = page.locator("[data-part=status]")
        self.answer = page.get_by_role("region", name="Text", exact=True)
        self.events = page.get_by_role("listbox", name="Events")
        self.ending = page.get_by_role("region", name="How it ended")
        self.joins = page.locator(".join")

    def open(self) -> None:
        self.page.goto(f"{self.url}/live")
        expect(self.ask).to_be_enabled()

    def send(self, prompt: str = "") -> None:
        """Ask, and wait until the request is under way."""
        if prompt:
            self.prompt.fill(prompt)
        self.press(self.ask)

    def press(self, button: Locator) -> None:
        """Press what sends a request."""
        with self.page.expect_request("**/live/messages"):
            button.click()

    def finish(self) -> None:
        """Wait until the stream has ended."""
        expect(self.ask).to_be_enabled(timeout=30_000)

    def ask_to_end(self, prompt: str = "") -> None:
        self.send(prompt)
        self.finish()

    def text(self) -> str:
        """The answer, kept parts and all, exactly as it stands in the page."""
        script = """() => [...document.querySelectorAll("[data-part=answer] .block-text .block-body")]
            .map((node) => node.textContent).join("")"""
        found: str = self.page.evaluate(script)
        return found

    def readout(self, label: str) -> Locator:
        """The value beside a label."""
        group = self.page.locator(".stat", has=self.page.get_by_text(label, exact=True))
        return group.locator("dd")
