// A process that can be killed at any point of its dealings with the world: every call goes through here, before and
// after. Once it is dead no call begins and none returns, which is what a SIGKILL looks like from inside.

export class Life {
  #dead = false;
  #calls = 0;
  readonly #killAt: number | undefined;
  readonly #onDeath: () => void;

  /** @param killAt dies at the n-th call (from 1), which then does not happen; the one before it has happened */
  constructor(onDeath: () => void, killAt?: number) {
    this.#onDeath = onDeath;
    this.#killAt = killAt;
  }

  get dead(): boolean {
    return this.#dead;
  }

  get calls(): number {
    return this.#calls;
  }

  kill(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#onDeath();
  }

  /** Goes on where it lives; else never. */
  stay(): Promise<void> {
    return this.#dead ? forever() : Promise.resolve();
  }

  async call<T>(act: () => Promise<T>): Promise<T> {
    if (!this.#dead) {
      this.#calls += 1;
      if (this.#calls === this.#killAt) this.kill();
    }
    if (this.#dead) return forever();
    try {
      const result = await act();
      return this.#dead ? await forever() : result;
    } catch (error) {
      if (this.#dead) return forever();
      throw error;
    }
  }
}

function forever<T>(): Promise<T> {
  return new Promise(() => {});
}
