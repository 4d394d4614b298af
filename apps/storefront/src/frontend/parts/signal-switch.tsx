import { useState } from "react";
import { words } from "../words.ts";
import type { TurnSignal } from "./turn-signal.ts";

/** The switch for sound and notification at the turn. */
export function SignalSwitch({ signal }: { readonly signal: TurnSignal }) {
  const [isOn, setIsOn] = useState(signal.isOn);
  const change = (on: boolean): void => {
    setIsOn(on);
    // A browser without sound leaves the switch off; the title and the page still tell.
    signal.switchTo(on).catch(() => setIsOn(false));
  };
  return (
    <label className="switch">
      <input type="checkbox" role="switch" checked={isOn} onChange={(event) => change(event.target.checked)} />
      <span>{words.tellMe}</span>
    </label>
  );
}
