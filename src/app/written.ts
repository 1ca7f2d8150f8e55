/**
 * What an app's entry writes as `${NAME}`, and what became of it. What is shown, logged or given back says `${NAME}`: a file that
 * comes with a pull request must not show what the environment of the job holds.
 */
export class Written {
  readonly #fields = new Map<string, string>();
  readonly #texts = new Map<string, string>();

  /**
   * @param field its path without numbers, such as `oauth.callbackUrls`
   * @param value as the app has it
   * @param text as the file writes it
   */
  note(field: string, value: unknown, text: string): void {
    this.#fields.set(keyOf(field, value), text);
    this.noteText(String(value), text);
  }

  /** @param value of a variable, or one that it is a part of */
  noteText(value: string, text: string): void {
    if (!this.#texts.has(value)) this.#texts.set(value, text);
  }

  /** A field's value, a group of fields, or a list of values, as the file writes them. */
  value<T>(value: T, field: string): T {
    return this.#valueOf(value, field) as T;
  }

  #valueOf(value: unknown, field: string): unknown {
    if (this.#fields.size === 0) return value;
    if (Array.isArray(value)) return value.map((item: unknown) => this.#valueOf(item, field));
    if (typeof value !== 'object' || value === null) return this.#fields.get(keyOf(field, value)) ?? value;
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [key, this.#valueOf(part, field === '' ? key : `${field}.${key}`)]),
    );
  }

  /** A value that a message quotes, also one that was cut. */
  quoted(text: string): string {
    const cut = text.endsWith('…') ? text.slice(0, -1) : undefined;
    for (const [value, written] of this.#texts) {
      if (value === text || (cut !== undefined && value.startsWith(cut))) return written;
    }
    return this.text(text);
  }

  /** A text that may hold values: the org's, for one. Short values count as whole words only, and the shortest not at all. */
  text(text: string): string {
    return [...this.#texts]
      .filter(([value]) => value.length >= leastLength && text.includes(value))
      .sort(([a], [b]) => b.length - a.length)
      .reduce((shown, [value, written]) => {
        if (value.length >= anywhereLength) return shown.replaceAll(value, () => written);
        return shown.replaceAll(
          new RegExp(`(?<!\\w)${value.replaceAll(/[^\w\s]/g, String.raw`\$&`)}(?!\\w)`, 'g'),
          () => written,
        );
      }, text);
  }
}

const leastLength = 4;
const anywhereLength = 8;

const keyOf = (field: string, value: unknown): string => `${field}=${String(value)}`;
