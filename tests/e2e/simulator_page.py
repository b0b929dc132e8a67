"""The simulator's page as its users know it: by roles and names."""

from __future__ import annotations

from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect


class SimulatorPage:
    """The page, with streams that arrive in real time."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.scenario = page.get_by_role("combobox", name="Scenario")
        self.faults = page.get_by_role("combobox", name="Fault")
        self.add = page.get_by_role("button", name="Add a fault")
        self.base_url = page.get_by_role("group", name="Base URL")
        self.run = page.get_by_role("button", name="Run")
        self.stop = page.get_by_role("button", name="Stop", exact=True)
        self.again = page.get_by_role("button", name="Run again")
        self.status = page.locator("[data-part=status]")
        self.answer = page.get_by_role("region", name="Text", exact=True)
        self.events = page.get_by_role("listbox", name="Events")
        self.noticed = page.get_by_role("region", name="What the browser noticed")
        self.position = page.get_by_role("slider", name="Position")
        self.requests = page.locator("[data-part=journal] tbody tr")
        self.outcomes = page.get_by_role(
            "region", name="What the Python and JavaScript SDKs and curl do"
        )

    def open(self, fault: str = "", scenario: str = "hello") -> None:
        """Open the page, and wait until it has its key."""
        query = f"?scenario={scenario}" + (f"&fault={quote(fault)}" if fault else "")
        self.page.goto(f"/simulator{query}")
        expect(self.command("curl")).to_contain_text("sk-simulator-")

    def command(self, name: str) -> Locator:
        """A block of code below "From a program of yours"."""
        return self.page.get_by_role("group", name=name, exact=True)

    def parameter(self, name: str) -> Locator:
        """The control of a fault's parameter."""
        return self.page.get_by_label(name, exact=True)

    def choose(self, fault: str) -> None:
        """Choose the first fault by its title."""
        self.faults.first.select_option(fault)

    def run_to_end(self) -> None:
        """Run the setting, and wait until its stream has ended."""
        self.run.click()
        expect(self.again).to_be_visible(timeout=20_000)

    def noted(self) -> list[str]:
        """What the browser noticed, item by item."""
        return self.noticed.get_by_role("listitem").all_inner_texts()

    @property
    def key(self) -> str:
        """The page's own key."""
        text = self.command("Any program, unchanged").inner_text()
        return text.split("ANTHROPIC_API_KEY='")[1].split("'")[0]
