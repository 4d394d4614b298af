/** Calls the shopper back at their turn, by sound and, where they allow it, a notification. */
export interface TurnSignal {
  /** Called from the shopper's own click: browsers allow neither sound nor the question before one. */
  switchTo(on: boolean): Promise<void>;
  readonly isOn: () => boolean;
  ring(title: string): void;
}

/** Makes the signal; silent until switched on. */
export function createTurnSignal(): TurnSignal {
  let audio: AudioContext | null = null;
  return Object.freeze<TurnSignal>({
    async switchTo(on) {
      if (!on) {
        await audio?.close();
        audio = null;
        return;
      }
      audio = new AudioContext();
      if ("Notification" in globalThis && Notification.permission === "default") await Notification.requestPermission();
    },
    isOn: () => audio !== null,
    ring(title) {
      if (audio === null) return;
      strike(audio, 0, 523.25);
      strike(audio, 0.22, 783.99);
      if (!("Notification" in globalThis) || Notification.permission !== "granted" || !document.hidden) return;
      const notification = new Notification(title, { icon: "/favicon.svg" });
      notification.addEventListener("click", () => focus());
    },
  });
}

function strike(audio: AudioContext, afterSeconds: number, hertz: number): void {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  const start = audio.currentTime + afterSeconds;
  tone.frequency.value = hertz;
  volume.gain.setValueAtTime(0.0001, start);
  volume.gain.exponentialRampToValueAtTime(0.25, start + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, start + 1.4);
  tone.connect(volume).connect(audio.destination);
  tone.start(start);
  tone.stop(start + 1.5);
}
