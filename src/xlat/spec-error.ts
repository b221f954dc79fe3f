// What is wrong with a TranslationSpec, for people: "Cannot use pref64 2001:db8::/33: …".

export class SpecError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SpecError";
  }
}
