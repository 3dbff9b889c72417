"""A monkey at the keyboard: every control of every screen in a seeded random order, and nothing breaks.

``make soak`` lets it do two thousand things (``NEUTROPENIA_MONKEY``, ``NEUTROPENIA_SEED``).
"""

import os
from collections import Counter
from random import Random

import pytest

from tests.browser.conftest import needed, settled

pytestmark = pytest.mark.browser

STEPS = int(os.environ.get("NEUTROPENIA_MONKEY", "60"))
SEED = os.environ.get("NEUTROPENIA_SEED", "2026")
SCREENS = ("Case", "Compare", "Sensitivity", "Network", "Numbers and sources", "Cohort", "Learn", "About")
STAY = 7  # things done on one screen, about
WORDS = ("", "0", "-3", "2,8", "14", "150", "499", "800", "1200", "1e999", "nan", "< 20", "1,2 10^9/L", "a lot",
         "<b>x</b>", "{{7*7}}", "=1+1", "fever", "É𝟙\u202e", "Hb 11.2 g/dL\nUrine\nHb 3")  # fmt: skip
FILES = (
    ("case.json", "application/json", b'{"schema": 1, "evidence": {"fever": "present", "x": 1}}'),
    ("case.json", "application/json", b'{"schema": 1, "evid'),
    ("rows.csv", "text/csv", b"id,fever,ANC (10^9/L)\nA,present,1.2\nB,,0.3\n<b>C,absent,\n"),
    ("rows.csv", "text/csv", b"\xff\xfe\x00"),
)
CONTROLS = """() => {
  const wanted = 'button, a[href], summary, input, textarea, [role=radio], [role=tab], [role=switch], [role=slider], ' +
                 '[role=combobox], [role=option]'
  const found = []
  const walk = root => {
    for (const each of root.querySelectorAll('*')) {
      if (each.shadowRoot) walk(each.shadowRoot)
      if (each.dataset?.monkey) delete each.dataset.monkey
      if (!each.matches(wanted) || each.disabled || each.ariaDisabled === 'true') continue
      if (each.matches('a') && each.host !== location.host) continue
      const file = each.matches('input[type=file]')
      const shown = each.matches('input[type=radio], input[type=checkbox]') ? each.closest('label') ?? each : each
      const seen = shown.checkVisibility({opacityProperty: true, visibilityProperty: true}) && shown.offsetWidth > 1
      if (!file && !seen) continue
      shown.dataset.monkey = found.length
      const kind = file ? 'file' : each.matches('[role=slider]') ? 'slider' : each.matches('[role=combobox]') ? 'list'
        : each.matches('textarea, input:not([type=radio], [type=checkbox])') ? 'text' : 'press'
      const name = each.ariaLabel || each.title || (each.closest('label') ?? each).innerText || each.id
      found.push([kind, (each.getAttribute('role') || each.localName) + ' ' + (name || '').trim().slice(0, 60)])
    }
  }
  walk(document.body)
  return found
}"""


class Monkey:
    """Chooses what it has seen least, does it, and looks for what broke."""

    def __init__(self, page, rng):
        self.page, self.rng, self.done, self.diary, self.missed = page, rng, Counter(), [], 0
        self.wrong = []
        page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))

    def step(self, screen):
        controls = self.page.evaluate(CONTROLS)
        weights = [1 / (1 + self.done[screen, *control]) ** 2 for control in controls]
        place = self.rng.choices(range(len(controls)), weights)[0]
        kind, name = controls[place]
        self.done[screen, kind, name] += 1
        self.diary.append(f"{screen}: {kind} {name!r}")
        target = self.page.locator(f'[data-monkey="{place}"]').first
        try:
            getattr(self, f"_{kind}")(target)
        except needed("playwright.sync_api").Error as error:  # something lies over it, or it went away meanwhile
            self.missed += 1
            self.diary[-1] += f" missed: {str(error).splitlines()[0][:80]}"
            self.page.keyboard.press("Escape")
        self.look()

    def go(self, screen):
        self.page.keyboard.press("Escape")
        self.page.get_by_role("link", name=screen, exact=True).first.click()
        self.diary.append(f"to {screen}")
        self.look()

    def look(self):
        """Wait for the screen, and assert that nothing broke."""
        try:
            settled(self.page)
        except needed("playwright.sync_api").Error as error:
            pytest.fail(f"{self.story()}\nthe screen never settled: {error}")
        broken = self.page.locator("[data-testid=stException], [data-testid=stAppError], [role=dialog] .stException")
        assert broken.count() == 0, self.story()
        assert self.wrong == [], self.story()

    def _press(self, target):
        target.click(timeout=2000)

    def _text(self, target):
        word = self.rng.choice(WORDS)
        self.diary[-1] += f" {word!r}"
        target.fill(word, timeout=2000)
        target.press("Tab" if "\n" in word else "Enter", timeout=2000)

    def _list(self, target):
        target.click(timeout=2000)
        for _ in range(self.rng.randrange(4)):
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Enter")

    def _slider(self, target):
        target.focus(timeout=2000)
        for _ in range(self.rng.randrange(1, 6)):
            self.page.keyboard.press(self.rng.choice(["ArrowRight", "ArrowLeft", "PageUp", "Home", "End"]))

    def _file(self, target):
        name, kind, content = self.rng.choice(FILES)
        self.diary[-1] += f" {name} {content!r:.30}"
        target.set_input_files({"name": name, "mimeType": kind, "buffer": content}, timeout=2000)

    def story(self):
        """Return what it did last, and what went wrong."""
        return "\n".join([f"seed {SEED}", *self.diary[-12:], *self.wrong[:5]])


def test_a_monkey_finds_nothing_broken(visit, capsys):
    page = visit()
    monkey = Monkey(page, Random(SEED))
    page.reload()  # so that it sees the first screen come
    monkey.look()
    screens = []
    for step in range(STEPS):
        if step % STAY == 0:
            if not screens:
                screens = Random(f"{SEED} {step}").sample(SCREENS, len(SCREENS))
            monkey.go(screens.pop())
        monkey.step(page.title().partition(" · ")[0])
    with capsys.disabled():
        print(f"\nmonkey: {STEPS} steps, {len(monkey.done)} controls, {monkey.missed} missed")
    assert monkey.missed <= STEPS / 3, monkey.story()
    assert len({screen for screen, *_ in monkey.done}) >= min(len(SCREENS), STEPS // STAY)
