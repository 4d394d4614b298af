import { useEffect, useId, useRef, useState } from "react";
import { useNow } from "../hooks.ts";
import { countDown } from "../times.ts";
import { digitsOf } from "./address.ts";
import { knownWords } from "./known-words.ts";
import type { Proving, ProvingStep } from "./use-proving.ts";

type CodeAt = Extract<ProvingStep, { step: "code" }>;

/** The code: typed, pasted or filled in by the phone; how long it is good for; and the way to a new one. */
export function CodeStep({ proving, at }: { readonly proving: Proving; readonly at: CodeAt }) {
  const now = useNow();
  const [code, setCode] = useState("");
  const [isEmpty, setIsEmpty] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const isOver = at.expiresAt !== null && now >= at.expiresAt;
  const problem = isEmpty ? knownWords.noCode : (proving.problem ?? (isOver ? knownWords.expired : null));
  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    if (proving.problem === null) return;
    setCode("");
    field.current?.focus();
  }, [proving.problem, proving.tries]);
  const resendMs = at.resendAt - now;
  return (
    <form
      noValidate
      className="proving"
      onSubmit={(event) => {
        event.preventDefault();
        setIsEmpty(code === "");
        if (code === "") field.current?.focus();
        else void proving.type(code);
      }}
    >
      <p className="sent">{at.expiresAt === null ? knownWords.askedElsewhere(at.to.value) : knownWords.sentTo(at.to.value)}</p>
      <div className="field">
        <label htmlFor={`${id}code`}>{knownWords.code}</label>
        <input
          ref={field}
          id={`${id}code`}
          className="code-field"
          type="text"
          inputMode="numeric"
          autoComplete="one-time-code"
          value={code}
          // Longer than a code: what is pasted comes with the words around it, and is cut to its digits here.
          maxLength={200}
          onChange={(event) => {
            setIsEmpty(false);
            setCode(digitsOf(event.target.value).slice(0, 12));
          }}
          aria-invalid={problem !== null}
          aria-describedby={`${id}note`}
        />
        <p id={`${id}note`} className={problem === null ? "hint" : "problem"} role={problem === null ? "status" : "alert"}>
          {problem ?? proving.news ?? knownWords.codeHint}
        </p>
      </div>
      <p className="good-for">
        {at.expiresAt !== null && !isOver ? (
          <>
            {knownWords.expires} <span role="timer">{countDown(at.expiresAt - now)}</span>
          </>
        ) : null}
      </p>
      <div className="choices">
        <button type="submit" className="action" aria-disabled={proving.isBusy}>
          {proving.isBusy ? knownWords.confirming : knownWords.confirm}
        </button>
        <button
          type="button"
          className="quiet resend"
          aria-disabled={resendMs > 0 || proving.isBusy}
          onClick={() => {
            if (resendMs <= 0) void proving.ask(at.to);
          }}
        >
          {resendMs > 0 ? knownWords.resendIn(countDown(resendMs)) : knownWords.resend}
        </button>
        <button type="button" className="quiet" onClick={proving.back}>
          {knownWords.other}
        </button>
      </div>
    </form>
  );
}
