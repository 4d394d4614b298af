import "./styles/shop.css";
import { createShopClock } from "./shop-clock.ts";
import { clockTime, countDown } from "./times.ts";

// The counter's pages are whole without this script; it only makes them kinder.
keepTime();
sendOnce();
document.querySelector<HTMLElement>("[data-focus]")?.focus();
for (const element of document.querySelectorAll<HTMLElement>("[data-until-clock]"))
  element.textContent = ` until ${clockTime(Number(element.dataset["untilClock"]))}`;
if (document.querySelector("[data-reload]") !== null) setTimeout(() => location.reload(), 4_000);

/** Counts the hold down, and says once when two minutes are left and when it is over. */
function keepTime(): void {
  const hold = document.querySelector<HTMLElement>("[data-hold]");
  const left = hold?.querySelector("[data-left]");
  const note = hold?.querySelector("[data-note]");
  if (!hold || !left || !note) return;
  const clock = createShopClock(Number(hold.dataset["now"]));
  const until = Number(hold.dataset["until"]);
  const tick = (): void => {
    const milliseconds = until - clock.now();
    left.textContent = countDown(milliseconds);
    hold.dataset["urgency"] = milliseconds < 120_000 ? "soon" : "none";
    const words = milliseconds <= 0 ? "The time is up; nothing was charged." : milliseconds < 120_000 ? "Less than two minutes left." : "";
    if (note.textContent !== words) note.textContent = words;
  };
  tick();
  clock.every(1_000, tick);
}

/** A form goes out once; coming back through the browser's history makes it usable again. */
function sendOnce(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-once]")) {
    const button = form.querySelector("button");
    const label = button?.textContent ?? "";
    form.addEventListener("submit", (event) => {
      if (form.dataset["sent"] === "yes") event.preventDefault();
      form.dataset["sent"] = "yes";
      if (button !== null) button.textContent = button.dataset["busy"] ?? label;
    });
    addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      form.dataset["sent"] = "no";
      if (button !== null) button.textContent = label;
    });
  }
}
