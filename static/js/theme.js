// A classic script in the head: before the first paint it sets the chosen theme, and the class by
// which the styles know that scripts run. The theme is all that this site stores.
(() => {
  const KEY = "theme";
  const root = document.documentElement;
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");

  /**
   * Without storage, the choice lasts for this page.
   * @param {() => void} action
   */
  function ifStorageWorks(action) {
    try {
      action();
    } catch {}
  }

  function isDark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches;
  }

  root.classList.add("scripted");
  ifStorageWorks(() => {
    const stored = localStorage.getItem(KEY);
    if (stored === "light" || stored === "dark") root.dataset.theme = stored;
  });

  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme-switch");
    if (!button) return;
    const name = () => {
      button.textContent = isDark() ? "Light" : "Dark";
      button.setAttribute("aria-label", `Switch to the ${isDark() ? "light" : "dark"} theme`);
    };
    name();
    prefersDark.addEventListener("change", name);
    button.addEventListener("click", () => {
      const theme = isDark() ? "light" : "dark";
      root.dataset.theme = theme;
      ifStorageWorks(() => localStorage.setItem(KEY, theme));
      name();
    });
  });
})();
