import { Elsewhere } from "../parts/elsewhere.tsx";
import { LeaveDialog } from "../parts/leave-dialog.tsx";
import { words } from "../words.ts";

/** The turn has come on the device that joined the line, which is not this one. */
export function TurnElsewhere({ sequence }: { readonly sequence: { leave?(): Promise<void> } }) {
  return (
    <Elsewhere words={words}>
      {sequence.leave ? <LeaveDialog words={words} loss={words.elsewhereLoss} leave={async () => sequence.leave?.()} /> : null}
    </Elsewhere>
  );
}
