import { useEffect, useId, useRef, useState } from "react";
import { knownWords } from "./known-words.ts";
import type { Address } from "./address.ts";
import type { Way } from "./problems.ts";
import type { Proving } from "./use-proving.ts";

/** Where the code goes. */
export function AddressStep({ proving, byPhone }: { readonly proving: Proving; readonly byPhone: boolean }) {
  const [way, setWay] = useState<Way>("email");
  const [isEmpty, setIsEmpty] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const typed = (): Address => ({ way, value: field.current?.value.trim() ?? "" });
  const wrong = way === "email" ? knownWords.wrongEmail : knownWords.wrongPhone;
  const problem = isEmpty ? wrong : proving.problem;
  useEffect(() => {
    if (problem !== null) field.current?.focus();
  }, [problem, proving.tries]);
  const go = (act: (to: Address) => unknown): void => {
    const to = typed();
    // The browser's own bubble says it in the browser's language and vanishes; ours stays, and is read out.
    const isMissing = !(field.current?.checkValidity() ?? false) || to.value === "";
    setIsEmpty(isMissing);
    if (isMissing) field.current?.focus();
    else void act(to);
  };
  const isEmail = way === "email";
  return (
    <form
      noValidate
      className="proving"
      onSubmit={(event) => {
        event.preventDefault();
        go(proving.ask);
      }}
    >
      {byPhone ? (
        <fieldset className="ways">
          <legend>{knownWords.way}</legend>
          {(["email", "phone"] as const).map((each) => (
            <label key={each}>
              <input
                type="radio"
                name={`${id}way`}
                checked={way === each}
                onChange={() => {
                  setWay(each);
                  setIsEmpty(false);
                }}
              />
              <span>{each === "email" ? knownWords.byEmail : knownWords.byPhone}</span>
            </label>
          ))}
        </fieldset>
      ) : null}
      <div className="field">
        <label htmlFor={`${id}to`}>{isEmail ? knownWords.email : knownWords.phone}</label>
        <input
          key={way}
          ref={field}
          id={`${id}to`}
          type={isEmail ? "email" : "tel"}
          inputMode={isEmail ? "email" : "tel"}
          autoComplete={isEmail ? "email" : "tel"}
          autoCapitalize="off"
          spellCheck={false}
          required
          maxLength={isEmail ? 254 : 32}
          aria-invalid={problem !== null}
          aria-describedby={`${id}note`}
        />
        <p id={`${id}note`} className={problem === null ? "hint" : "problem"} role={problem === null ? undefined : "alert"}>
          {problem ?? (isEmail ? knownWords.intro : knownWords.phoneHint)}
        </p>
      </div>
      <div className="choices">
        <button type="submit" className="action" aria-disabled={proving.isBusy}>
          {proving.isBusy ? knownWords.sending : knownWords.send}
        </button>
        <button type="button" className="quiet" onClick={() => go(proving.enter)}>
          {knownWords.haveCode}
        </button>
      </div>
    </form>
  );
}
